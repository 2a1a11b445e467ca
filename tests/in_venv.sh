#!/bin/sh
# Runs a Python script in the virtual environment that tools/test makes; without it in the system's Python,
# where a script that misses a package says "skipped": in_venv.sh SCRIPT ARGUMENTS...
python=$(dirname "$0")/../.venv/bin/python
[ -x "$python" ] || python=/usr/bin/python3
exec "$python" "$@"
