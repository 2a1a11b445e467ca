#!/bin/sh
# Writes the hostile captures of SHARED/tools/hostile.py, the large ones too, into FOLDER.
# usage: make_hostile.sh SHARED FOLDER
set -eu
[ -d "$1" ] || { echo "skipped: no ../shared"; exit 77; }
rm -rf "$2"
"$1/tools/hostile.py" "$2" --nest
echo "$(ls "$2" | wc -l) captures"
