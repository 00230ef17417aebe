#!/usr/bin/env bash
# Check the types: of what needs no Blender strictly, of what runs in it as far as Blender's stubs
# go; what they get wrong is in stub_gaps.txt, with the reasons. The root folder is the package dualtalk, whatever the checkout is called,
# so mypy sees it through a link of that name.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/types
ln -sfn ../.. build/types/dualtalk
cd build/types
check() { ../../.venv/bin/python -m mypy --config-file ../../pyproject.toml --follow-imports=silent "$@"; }

check -p dualtalk.core -p dualtalk.inference -p dualtalk.evaluation -p dualtalk.curation -p dualtalk.commands -p dualtalk.batch -m dualtalk.cli -m dualtalk.entry -m dualtalk.console "$@"
found=$(check --no-strict-optional --allow-any-generics --no-warn-return-any --allow-untyped-decorators \
    --no-warn-unused-ignores -p dualtalk.rig -p dualtalk.operators -p dualtalk.panels -p dualtalk.properties \
    -p dualtalk.handlers -p dualtalk.preferences -m dualtalk.status -m dualtalk.registration || true)
grep -q "checked [0-9]* source files\|no issues found" <<<"$found" || { echo "$found" >&2; exit 1; }
left=$(grep ": error:" <<<"$found" | grep -v "\[var-annotated\]$" |
    grep -v -E -f <(grep -v "^#" ../../scripts/stub_gaps.txt) || true)
[ -z "$left" ] || { echo "$left"; exit 1; }
