#!/bin/sh
# Prints the path of a Python that can build our environments, or says what is missing and how to get it.
# Each candidate is run, since a version manager's placeholder can be on PATH without a Python behind it.
set -u

usable='import sys
if sys.version_info < (3, 11): sys.exit(3)
import venv, ensurepip
print(sys.executable)'

complain() {
    printf '%s\n' "$@" >&2
    exit 1
}

command -v git >/dev/null 2>&1 ||
    complain "git is missing." "  Debian, Ubuntu: apt install git" "  macOS: xcode-select --install"

old= incomplete=
for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python3.14}; do
    found=$("$candidate" -c "$usable" 2>/dev/null) && { printf '%s\n' "$found"; exit 0; }
    case $? in
        3) old="$old $candidate ($("$candidate" -c 'import platform; print(platform.python_version())'))" ;;
        1) incomplete="$incomplete $candidate" ;;
    esac
done

[ -n "${PYTHON:-}" ] && [ -z "$old$incomplete" ] && complain "PYTHON=$PYTHON cannot be run."
[ -n "$incomplete" ] && complain \
    "Python's venv and ensurepip modules are missing from:$incomplete" \
    "  Debian, Ubuntu: apt install python3-venv"
[ -n "$old" ] && complain "Python 3.11 or later is needed; found:$old"
complain \
    "Python 3.11 or later is missing." \
    "  Debian, Ubuntu: apt install python3 python3-venv" \
    "  macOS: brew install python@3.13" \
    "  or name one: make PYTHON=/path/to/python3 ..."
