"""Imports go one way, read from the syntax tree: docs/architecture.md has the table."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: What each folder may import of ours.
OURS = {
    "core": {"core"},
    "inference": {"core", "inference"},
    "evaluation": {"core", "inference", "evaluation"},
    "rig": {"core", "rig"},
    "properties": {"core", "rig", "operators", "handlers", "properties"},
    "handlers": {"core", "rig", "properties", "operators", "handlers"},
    "operators": {"core", "inference", "rig", "operators", "handlers", "properties", "panels"},
    "panels": {"core", "rig", "operators", "handlers", "properties", "panels"},
    "training": {"core", "inference", "evaluation", "training"},
    "modelling": {"core", "modelling", "rig"},
}
#: What each folder must never import of others'.
NEVER = {
    "core": {"torch", "bpy", "librosa", "soundfile", "safetensors", "scipy"},
    "inference": {"bpy", "mathutils"},
    "evaluation": {"bpy", "mathutils"},
    "rig": {"torch", "librosa", "soundfile", "safetensors", "scipy"},
    "properties": {"torch", "librosa", "soundfile", "safetensors", "scipy"},
    "handlers": {"torch", "librosa", "soundfile", "safetensors", "scipy"},
    "operators": {"torch", "librosa", "soundfile", "safetensors", "scipy"},
    "panels": {"torch", "librosa", "soundfile", "safetensors", "scipy"},
    "training": {"bpy", "mathutils"},
    "modelling": {"torch"},
}


def imports_of(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield every imported module as its parts, ours without the package's name."""
    here = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield tuple(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            module = tuple(node.module.split(".")) if node.module else ()
            if node.level:
                base = here[: len(here) - node.level + 1]
                names = [(alias.name,) for alias in node.names] if not module else [()]
                for name in names:
                    yield ("dualtalk", *base, *module, *name)
            else:
                yield module


def files_of(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("folder", sorted(OURS))
def test_layer_imports_only_what_lies_below(folder: str) -> None:
    wrong = []
    for path in files_of(folder):
        for module in imports_of(path):
            ours = module[1:2] if module[0] == "dualtalk" else ()
            if ours and (ROOT / ours[0]).is_dir() and ours[0] not in OURS[folder]:
                wrong.append(f"{path.relative_to(ROOT)} imports {'.'.join(module)}")
            if module[0] in NEVER[folder]:
                wrong.append(f"{path.relative_to(ROOT)} imports {module[0]}")
    assert not wrong


def test_the_root_imports_nothing_heavy() -> None:
    body = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8")).body
    assert not [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]


def test_the_check_sees_imports() -> None:
    found = {module[0] for path in files_of("core") for module in imports_of(path)}
    assert {"numpy", "dualtalk"} <= found
