"""Branches on Blender's version stand in one module."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = ("rig", "operators", "panels", "handlers", "properties", "preferences")
#: Asking for the version, or whether something is there that versions have or have not.
_BRANCH = re.compile(
    r"bpy\.app\.version|hasattr\((?!bpy\.types,|module,|panel,)|"
    r"getattr\([\w.]+, \"(action_slot|strips|sequences|fcurves|media_type|slots|layers)\"|"
    r"\.(action_slot|slots|channelbag)\b|rna_type\.functions"
)


def branching(folder: Path) -> list[str]:
    return [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted(folder.rglob("*.py"))
        if path != ROOT / "rig" / "compat.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if _BRANCH.search(line)
    ]


@pytest.mark.parametrize("folder", _FOLDERS)
def test_only_compat_asks_which_blender_it_is(folder: str) -> None:
    assert not branching(ROOT / folder)


def test_the_search_finds_branches(tmp_path: Path) -> None:
    (tmp_path / "some.py").write_text("if bpy.app.version >= (5, 0):\n    data.action_slot = s\n")
    assert len(branching(tmp_path)) == 2
