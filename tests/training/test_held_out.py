"""One list of held-out people, and nobody takes readers past it."""

import ast
import tomllib
from pathlib import Path

import pytest
from dualtalk.training import held_out

TRAINING = Path(__file__).resolve().parents[2] / "training"
#: What lists the files of a folder, for those who ask the list who of them is for what.
THE_LIST_OF_FILES = "speech/recogniser.py"
#: Lists recordings too, of filmed people, whom nothing is trained on.
FILMED_PEOPLE = "two_track/evaluation/mouths.py"
#: What is made of people who are kept apart, `NAME.npz` in the cache.
KEPT_APART = {"real_held_out", "real_choosing"}
MEASURES = ("evaluate.py", "ablations.py", "choose.py")


def test_every_reader_is_for_one_thing() -> None:
    names = [f"{i:03}" for i in range(251)]
    parts = [
        held_out.held_out(names),
        held_out.for_choosing(names),
        held_out.for_training(names),
    ]
    assert [len(part) for part in parts] == [32, 16, 203]
    assert sorted(name for part in parts for name in part) == names
    assert parts[0][:3] == ["000", "008", "016"]


def takes_readers_past_the_list(code: str) -> bool:
    """Tell whether code lists recordings and does not ask who of them is for what."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    named = {ast.unparse(call.func) for call in calls}
    searches = any(name.endswith((".glob", ".rglob", ".iterdir", "listdir")) for name in named)
    lists = any(name.endswith("real_voices") for name in named) or (searches and ".flac" in code)
    passed = {ast.unparse(node) for node in ast.walk(ast.parse(code)) if isinstance(node, ast.expr)}
    asked = {f"held_out.{name}" for name in ("held_out", "for_choosing", "for_training")}
    return lists and not asked & passed


def test_whoever_lists_readers_asks_the_list() -> None:
    modules = {path.relative_to(TRAINING).as_posix(): path for path in TRAINING.rglob("*.py")}
    wrong = {n for n, path in modules.items() if takes_readers_past_the_list(path.read_text())}
    assert wrong == {THE_LIST_OF_FILES, FILMED_PEOPLE}


@pytest.mark.parametrize(
    "code",
    [
        "people = sorted(folder.glob('*.flac'))[-50:]",
        "people = recogniser.real_voices(folder)[::8]",
        "# held_out.held_out would be right\npeople = sorted(folder.rglob('*.flac'))",
    ],
)
def test_the_search_finds_who_goes_past_the_list(code: str) -> None:
    assert takes_readers_past_the_list(code)
    asking = f"{code}\npeople = held_out.for_training(people)"
    assert not takes_readers_past_the_list(asking)


def test_no_training_hears_who_is_kept_apart() -> None:
    configs = [tomllib.loads(path.read_text()) for path in TRAINING.rglob("*.toml")]
    sources = {name for config in configs for name in _sources(config)}
    assert "real" in sources
    assert not sources & KEPT_APART
    for path in TRAINING.rglob("*.py"):
        if path.name not in MEASURES and path.name != "make.py":
            assert not KEPT_APART & _strings(path.read_text()), path


def _sources(config: object) -> set[str]:
    if isinstance(config, dict):
        mine = set(config.get("sources", ()))
        return mine.union(*(_sources(value) for value in config.values()))
    return set().union(*map(_sources, config)) if isinstance(config, list) else set()


def _strings(code: str) -> set[str]:
    nodes = ast.walk(ast.parse(code))
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
