#!/bin/sh
# Runs a command where FOLDER exists, and skips it where not: on_shared.sh FOLDER COMMAND...
[ -d "$1" ] || { echo "skipped: no ../shared"; exit 77; }
shift
exec "$@"
