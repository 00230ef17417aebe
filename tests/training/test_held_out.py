"""One list of held-out people, and nobody takes readers past it."""

import ast
from pathlib import Path

from dualtalk.training import held_out

TRAINING = Path(__file__).resolve().parents[2] / "training"
#: Every reader who is trained on or measured comes through these.
READERS = {"held_out.py", "speech/recogniser.py"}


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


def test_whoever_lists_readers_takes_them_from_the_list() -> None:
    lists = []
    for path in sorted(TRAINING.rglob("*.py")):
        text = path.read_text()
        calls = {n.func.attr for n in ast.walk(ast.parse(text)) if _is_call_of_attribute(n)}
        names = path.relative_to(TRAINING).as_posix()
        if ("glob" in calls and ".flac" in text) or "real_voices" in calls:
            lists.append(names)
            assert "held_out.held_out(" in text or "held_out.for_" in text or names in READERS
    assert len(lists) >= 3


def _is_call_of_attribute(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
