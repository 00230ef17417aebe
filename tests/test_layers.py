"""Imports go one way, read from the syntax tree: docs/architecture.md has the table."""

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

_BLENDER = {"core", "rig", "properties", "preferences", "status", "operator_names"}
#: What each folder, and each module at the root, may import of ours.
OURS = {
    "core": {"core"},
    "inference": {"core", "inference"},
    "evaluation": {"core", "inference", "evaluation"},
    "curation": {"core", "inference", "evaluation", "curation"},
    "batch": {"core", "inference", "rig", "batch"},
    "training": {"core", "inference", "evaluation", "curation", "training"},
    "modelling": {"core", "modelling", "rig"},
    "rig": {"core", "rig"},
    "preferences": {"core", "preferences"},
    "properties": {"core", "rig", "properties"},
    "handlers": {"core", "rig", "properties", "preferences", "status", "handlers"},
    "operators": _BLENDER | {"operators"},
    "panels": {"core", "properties", "preferences", "status", "operator_names", "panels"},
    "__init__": {"registration"},
    "operator_names": set(),
    "status": {"core", "rig", "preferences", "properties"},
    "registration": {"commands", "handlers", "operators", "panels", "properties", "rig"},
    "console": {"core"},
    "commands": {
        "batch",
        "cli",
        "core",
        "preferences",
        "inference",
        "evaluation",
        "console",
        "commands",
    },
    "cli": {"core", "commands", "console"},
    "entry": {"core", "cli"},
}
#: Blender's `aud` is among them: a file of harm ends the process that opens it.
_HEAVY = {"torch", "librosa", "soundfile", "safetensors", "scipy", "aud"}
_BPY = {"bpy", "mathutils"}
#: What each must never import of others'.
NEVER = {
    "core": _HEAVY | _BPY,
    "inference": _BPY,
    "evaluation": _BPY,
    "curation": _BPY,
    "training": _BPY,
    "batch": _HEAVY,
    "modelling": {"torch"},
    "rig": _HEAVY,
    "preferences": _HEAVY,
    "properties": _HEAVY,
    "handlers": _HEAVY,
    "operators": _HEAVY,
    "panels": _HEAVY,
    "__init__": _HEAVY | _BPY,
    "operator_names": _HEAVY | _BPY,
    "status": _HEAVY,
    "registration": _HEAVY,
    "console": _HEAVY | _BPY,
    "commands": set(),
    "cli": _HEAVY | _BPY,
    "entry": _HEAVY | _BPY,
}
#: Folders that hold no part of the program.
OUTSIDE = {"tests", "scripts", "docs"}
#: What a newcomer can take in at a glance.
MOST_MODULES, MOST_LINES = 14, 350


def imports_of(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield every imported module as its parts, ours with the package's name first."""
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


def is_ours(name: str) -> bool:
    """Tell whether a name is a folder or a module at the root."""
    return (ROOT / name).is_dir() or (ROOT / f"{name}.py").is_file()


def files_of(layer: str) -> list[Path]:
    module = ROOT / f"{layer}.py"
    return sorted((ROOT / layer).rglob("*.py")) + ([module] if module.is_file() else [])


def test_every_folder_and_root_module_has_its_layer() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/*.py")}
    modules = {path.stem for path in ROOT.glob("*.py")}
    assert (folders | modules) - OUTSIDE <= set(OURS)
    assert set(OURS) == set(NEVER)


@pytest.mark.parametrize("layer", sorted(OURS))
def test_layer_imports_only_what_lies_below(layer: str) -> None:
    wrong = []
    for path in files_of(layer):
        for module in imports_of(path):
            ours = module[1:2] if module[0] == "dualtalk" else ()
            if ours and is_ours(ours[0]) and ours[0] not in OURS[layer]:
                wrong.append(f"{path.relative_to(ROOT)} imports {'.'.join(module)}")
            if module[0] in NEVER[layer]:
                wrong.append(f"{path.relative_to(ROOT)} imports {module[0]}")
    assert not wrong


def module_graph() -> dict[str, set[str]]:
    """Return which module imports which, by path; imports inside functions count."""
    paths = {path for layer in OURS for path in files_of(layer)}
    named = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in paths}
    graph: dict[str, set[str]] = {name: set() for name in named}
    for name, path in named.items():
        here = path.relative_to(ROOT).parent.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom):
                continue
            base = here[: len(here) - node.level + 1] if node.level else ()
            module = tuple(node.module.split(".")) if node.module else ()
            parts = (*base, *module) if node.level else module[1:]
            for alias in node.names:
                for found in (".".join((*parts, alias.name)), ".".join(parts)):
                    if found in named and found != name:
                        graph[name].add(found)
                        break
    return graph


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = module_graph()
    while True:  # take off what imports nothing that is left; a circle stays
        leaves = {name for name, below in graph.items() if not below}
        if not leaves:
            break
        graph = {name: below - leaves for name, below in graph.items() if name not in leaves}
    assert not graph


def test_the_root_imports_nothing_heavy() -> None:
    body = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8")).body
    assert not [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]


def test_the_check_sees_imports() -> None:
    found = {module[0] for path in files_of("core") for module in imports_of(path)}
    assert {"numpy", "dualtalk"} <= found
    assert "core.motion" in module_graph()["core.performance"]


def test_no_folder_is_crowded() -> None:
    modules = [path for layer in OURS for path in files_of(layer) if path.name != "__init__.py"]
    crowded = Counter(path.parent.relative_to(ROOT) for path in modules)
    assert not {str(folder): n for folder, n in crowded.items() if n > MOST_MODULES and folder.name}


def test_no_module_is_long() -> None:
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for layer in OURS
        for path in files_of(layer)
    }
    assert not {name: n for name, n in lines.items() if n > MOST_LINES}


def test_the_installed_package_has_every_room() -> None:
    outside = {"training", "modelling", "curation"}
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    rooms = {path.parent for layer in set(OURS) - outside for path in files_of(layer)}
    names = {".".join(("dualtalk", *room.relative_to(ROOT).parts)) for room in rooms}
    assert set(listed["packages"]) == names
