#!/usr/bin/env bash
# Make an environment with everything that constraints.txt pins: setup.sh [FOLDER [BPY_VERSION]]
#
# With DUALTALK_CACHE set, the environment is kept there under the hash of what it holds, and
# FOLDER is a link to it, so that a fresh checkout does not install it all again.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-.venv}
bpy=${2:-}
export PIP_DISABLE_PIP_VERSION_CHECK=1

for python in "${PYTHON:-}" python3.11 python3.13 python3; do
    [ -n "$python" ] && "$python" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 13)))' 2>/dev/null && break
    python=
done
if [ -z "$python" ]; then
    echo "DualTalk needs Python 3.11 or 3.13, which Blender's modules are built for: install it, or set PYTHON to it." >&2
    exit 2
fi
PYTHON="$python" bash scripts/system_libraries.sh

if [ -n "$bpy" ]; then
    constraints=$(mktemp)
    trap 'rm -f "$constraints"' EXIT
    sed "s/^bpy==.*/bpy==$bpy/" constraints.txt >"$constraints"
else
    constraints=constraints.txt
fi
key=$({ "$python" -c 'import sys; print(sys.version, sys.executable)'; cat "$constraints" pyproject.toml; } | sha256sum | cut -c1-16)
if [ -n "${DUALTALK_CACHE:-}" ] && [ ! -e "$folder" ]; then
    mkdir -p "$DUALTALK_CACHE/environments" "$(dirname "$folder")"
    ln -s "$DUALTALK_CACHE/environments/$key" "$folder"
fi
home=$(readlink -m "$folder")
if [ "$(cat "$home/.complete" 2>/dev/null)" != "$key" ]; then
    echo "Installing into $folder: about 2 GB, a few minutes"
    rm -f "$home/.complete"
    "$python" -m venv "$home"
    "$home/bin/pip" install -q -c "$constraints" -e '.[blender,dev,training]'
    echo "$key" >"$home/.complete"
elif [ "$(cat "$home/.checkout" 2>/dev/null)" != "$PWD" ]; then
    # The environment came from the cache: point it at this checkout.
    "$home/bin/pip" install -q --no-deps -c "$constraints" -e .
fi
echo "$PWD" >"$home/.checkout"
