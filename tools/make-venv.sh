#!/bin/sh
# Create .venv with the wanted interpreter, or else with another of Python 3.11 or newer; say what is missing if none is.
set -eu
wanted=${1:-python3.11}

for candidate in "$wanted" python3.11 python3 python3.12 python3.13 python3.14; do
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    if ! "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
        echo "$candidate has no venv module; install it (Debian and Ubuntu: apt install python3-venv) and try again." >&2
        exit 1
    fi
    echo "Creating .venv with $("$candidate" --version)" >&2
    exec "$candidate" -m venv --clear .venv
done
echo "Python 3.11 or newer was not found (tried $wanted, python3.11, python3, python3.12 to 3.14)." >&2
echo "Install it (Debian and Ubuntu: apt install python3.11 python3.11-venv), or name one: make run PYTHON=/path/to/python3.11" >&2
exit 1
