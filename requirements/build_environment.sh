#!/bin/sh
# Makes .venv/NAME hold exactly what requirements/NAME.txt locks: build_environment.sh NAME
# The one called uv comes first, by pip; uv then builds the others.
set -eu
cd "$(dirname "$0")/.."
name=$1
environment=.venv/$name
lock=requirements/$name.txt

if [ "$name" = uv ]; then
    python=$(sh requirements/find_python.sh)
    "$python" -m venv --clear "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
        --require-hashes --requirement "$lock"
else
    # A virtual environment names its Python by path, so it dies when that one is upgraded or removed.
    "$environment/bin/python" -c '' 2>/dev/null ||
        .venv/uv/bin/uv venv --quiet --clear --no-config --python .venv/uv/bin/python "$environment"
    .venv/uv/bin/uv pip sync --quiet --require-hashes --python "$environment/bin/python" "$lock"
fi
touch "$environment/.built"
