#!/bin/sh
# requirements*.in -> requirements*.txt: exact versions with hashes, for every platform from Python 3.11 on.
# Existing pins are kept where they still fit; delete the .txt file first to take the newest of everything.
set -eu
for name in requirements requirements-dev; do
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command 'make requirements' \
        --output-file "$name.txt" "$name.in"
done
# only a file inside is wanted: nothing that it would need to run
.venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-deps \
    --no-emit-index-url --no-emit-find-links --custom-compile-command 'make requirements' \
    --output-file requirements-data.txt requirements-data.in
