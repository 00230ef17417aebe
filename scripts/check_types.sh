#!/usr/bin/env bash
# Check the types of what needs no Blender, strictly. The root folder is the package dualtalk, whatever the checkout is called,
# so mypy sees it through a link of that name.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/types
ln -sfn ../.. build/types/dualtalk
cd build/types
exec ../../.venv/bin/python -m mypy --config-file ../../pyproject.toml --follow-imports=silent \
    -p dualtalk.core -p dualtalk.inference -p dualtalk.evaluation -p dualtalk.commands -p dualtalk.batch -m dualtalk.cli -m dualtalk.entry -m dualtalk.console "$@"
