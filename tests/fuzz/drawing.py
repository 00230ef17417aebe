"""What spoils files: each function takes something right and returns a way to draw bytes.

A way to draw asks a `random.Random` for all that is left to chance. So the same ways serve twice:
hypothesis stands behind that object for the first inputs of each reader, and looks for odd ones;
plain chance, which is ten times as fast, does for all others.
"""

import copy
import io
import itertools
import json
import os
import struct
import warnings
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from dualtalk.core.errors import DualTalkError

hypothesis = pytest.importorskip("hypothesis", reason="fuzzing needs hypothesis")
from hypothesis import strategies as st  # noqa: E402

N_INPUTS = int(os.environ.get("DUALTALK_FUZZ", "150"))
#: Hypothesis draws so many of them at most.
N_SEARCHED = 3000
#: Longest sentence of an error.
LONGEST = 300

Draw = Callable[[Random], bytes]

#: Headers of arrays that ask for much, for little, or for what is no array.
HEADERS = [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 6), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 2), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 1000000000000), }",
    "{'descr': '<f4', 'fortran_order': True, 'shape': (-1, 6), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }",
    "{'descr': '<U1000000000', 'fortran_order': False, 'shape': (), }",
    "{'descr': '|V2147483647', 'fortran_order': False, 'shape': (2,), }",
    "{'descr': [('a', '|O')], 'fortran_order': False, 'shape': (2,), }",
    "{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (2,), }",
    "{'descr': '<c16', 'fortran_order': False, 'shape': (1, 1), }",
    "[" * 500, "(" * 3000, "-" * 5000 + "1", "", "__import__('os').abort()",
]  # fmt: skip
NUMBERS = [0, 1, 127, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1]
EDITS = ("flip", "set", "u16", "u32", "u64", "cut", "insert", "end", "copy")
#: Pieces of text that numbers, names and lines may turn into.
TEXTS = [
    "", "0", "-1", "1e999", "nan", "-inf", "9" * 5000, "1" * 400, "\0", "\ufeff", "\u2028", "\r",
    "é" * 200, "😀", '"', "'", ",", ";", "\t", "-->", "00:00:00,000", "99:99:99.999", "#",
    "[" * 300, "{" * 300, "${HOME}", "%s%n", "../" * 50, "x" * 5000, "\udc80",
]  # fmt: skip
#: Values of JSON that readers of ours do not expect.
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**64), 10**30, 0.5, -1e-300, 1e300, float("nan"),
    float("inf"), "", "x", "x" * 2000, "\n", "é", [], {}, [[]], [1, 2, 3], [None], ["a"] * 50,
    {"a": 1}, {"": []}, [[1, [2, [3]]]], {"a": {"b": {"c": 0}}},
]  # fmt: skip


def spoiled(content: bytes) -> Draw:
    """Change bits, numbers and lengths, most of them near the beginning, where headers are."""

    def draw(chance: Random) -> bytes:
        data = bytearray(content)
        for _ in range(chance.randint(1, 12)):
            _edit(data, chance)
        return bytes(data)

    return draw


def _edit(data: bytearray, chance: Random) -> None:
    kind, number = chance.choice(EDITS), chance.choice(NUMBERS)
    some = chance.randbytes(chance.randint(1, 16))
    at = chance.randint(0, max(0, min(len(data), chance.choice([60, 400, 1 << 30])) - 1))
    if kind == "flip" and data:
        data[at] ^= 1 << number % 8
    elif kind == "set":
        data[at : at + 1] = some[:1]
    elif kind in ("u16", "u32", "u64"):
        n = int(kind[1:]) // 8
        data[at : at + n] = (number % (1 << 8 * n)).to_bytes(n, "little")
    elif kind == "cut":
        del data[at : at + len(some) ** 2]
    elif kind == "insert":
        data[at:at] = some
    elif kind == "end":
        del data[at:]
    elif kind == "copy":
        data[at : at + len(some)] = data[: len(some)]


def noise(most: int) -> Draw:
    """Draw up to so many bytes that are nothing."""
    return lambda chance: chance.randbytes(chance.randint(0, most))


def one_of(*ways: Draw) -> Draw:
    """Draw in one of some ways."""
    return lambda chance: chance.choice(ways)(chance)


def arrays_file(arrays: dict[str, Any], packed: int = zipfile.ZIP_STORED) -> bytes:
    """Return the content of a `.npz`; members that are bytes already are taken as they are."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", packed) as archive:
        for name, array in arrays.items():
            archive.writestr(f"{name}.npy", array if isinstance(array, bytes) else member(array))
    return whole.getvalue()


def member(array: Any, header: str | None = None) -> bytes:
    """Return the content of a `.npy`, with a header that lies if one is given."""
    whole = io.BytesIO()
    np.save(whole, np.asarray(array))
    if header is None:
        return whole.getvalue()
    text = header.encode() + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + np.asarray(array).tobytes()


def odd_arrays(arrays: dict[str, Any]) -> Draw:
    """Draw files of these arrays: spoiled bytes, harmful headers, arrays that lack or are odd."""
    odd = [
        np.zeros(()), np.zeros((0, 6)), np.full((3, 6), np.nan), np.full((3, 6), 1e300),
        np.zeros((3, 6), complex), np.zeros((3, 6), "<U9"), np.array([{}], object),
        np.zeros((2,) * 20), np.zeros((3, 6), bool), np.array(2**62), np.array("x" * 5000),
        np.zeros((3, 6), ">f8"), np.asfortranarray(np.ones((6, 3))), np.zeros(3, "S4"),
        np.full(9, -1), np.arange(7, dtype=np.uint16), np.full((4, 3), 2**31 - 1),
    ]  # fmt: skip
    names = sorted(arrays)
    kinds = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

    def with_odd(chance: Random) -> bytes:
        changed = {chance.choice(names): chance.choice(odd) for _ in range(chance.randint(1, 2))}
        return arrays_file(arrays | changed, chance.choice(kinds))

    def with_header(chance: Random) -> bytes:
        lying = member(np.zeros(9), chance.choice(HEADERS))
        return arrays_file(arrays | {chance.choice(names): lying}, chance.choice(kinds))

    def with_spoiled_member(chance: Random) -> bytes:
        name = chance.choice(names)  # whose sum is right, so that the reader looks into it
        return arrays_file(arrays | {name: spoiled(member(arrays[name]))(chance)})

    def shorter(chance: Random) -> bytes:
        name = chance.choice(names)
        return arrays_file({key: value for key, value in arrays.items() if key != name})

    return one_of(
        spoiled(arrays_file(arrays)),
        with_odd,
        with_header,
        with_spoiled_member,
        shorter,
        noise(200),
    )


def odd_json(right: object) -> Draw:
    """Draw JSON: right ones that are spoiled, with odd values, nested beyond measure, or none."""
    whole = json.dumps(right)
    deep = [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, b"\xff\xfe", b"NaN", b"null", b"-"]
    places = list(_places(right))

    def with_value(chance: Random) -> bytes:
        changed = json.loads(whole)
        for path in chance.sample(places, min(len(places), chance.randint(1, 3))):
            inside = changed
            try:
                for key in path[:-1]:
                    inside = inside[key]
                if isinstance(inside, dict) and chance.random() < 0.1:
                    del inside[path[-1]]
                else:
                    inside[path[-1]] = copy.deepcopy(chance.choice(VALUES))
            except (KeyError, IndexError, TypeError):  # an odd value lies on the way
                continue
        return json.dumps(changed).encode()

    def with_text(chance: Random) -> bytes:
        at = chance.randint(0, len(whole))
        return (whole[:at] + chance.choice(TEXTS) + whole[at:]).encode(errors="surrogatepass")

    def other(chance: Random) -> bytes:
        return json.dumps(chance.choice(VALUES)).encode()

    return one_of(
        spoiled(whole.encode()),
        with_value,
        with_value,
        with_text,
        other,
        lambda chance: chance.choice(deep),
    )


def _places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """Yield the path to each value inside."""
    pairs = value.items() if isinstance(value, dict) else ()
    for key, inside in itertools.chain(pairs, enumerate(value) if isinstance(value, list) else ()):
        yield (*path, key)
        yield from _places(inside, (*path, key))


def odd_text(*right: str) -> Draw:
    """Draw text: bytes that are spoiled, odd words, lines that move, come twice or lack."""

    def with_words(chance: Random) -> bytes:
        text = chance.choice(right)
        for _ in range(chance.randint(1, 4)):
            at = chance.randint(0, len(text))
            text = text[:at] + chance.choice(TEXTS) + text[at + chance.choice([0, 0, 1, 5]) :]
        return text.encode(errors="surrogatepass")

    def with_lines(chance: Random) -> bytes:
        lines = chance.choice(right).splitlines(keepends=True)
        for _ in range(chance.randint(1, 5)):
            at = chance.randint(0, len(lines))
            kind = chance.choice(["twice", "gone", "moved"])
            if kind == "twice":
                lines[at:at] = lines[max(at - 1, 0) : at]
            elif kind == "gone":
                del lines[at : at + 1]
            else:
                lines[at:at] = chance.sample(lines, min(1, len(lines)))
        return "".join(lines).encode(errors="surrogatepass")

    spoil = [spoiled(text.encode()) for text in right]
    return one_of(*spoil, with_words, with_words, with_lines, noise(200))


def only_ours(call: Callable[[], object], path: Path) -> None:
    """Call a reader; anything but its result or a short sentence of ours fails."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            call()
        except DualTalkError as error:
            said = str(error).replace(str(path), "P").replace(str(path.parent), "P")
            assert "\n" not in said
            assert len(said) <= LONGEST, said


def fuzzed(draw: Draw | Sequence[Draw], name: str) -> Callable[..., Any]:
    """Return a decorator: the test gets a path whose file holds what was drawn."""
    way = draw if callable(draw) else one_of(*draw)

    def decorate(test: Callable[[Path], object]) -> Callable[[Path], None]:
        def run(tmp_path: Path) -> None:
            path = tmp_path / name

            def tried(chance: Random) -> None:
                path.write_bytes(way(chance))
                only_ours(lambda: test(path), path)

            @hypothesis.settings(
                max_examples=min(N_INPUTS, N_SEARCHED),
                deadline=None,
                database=None,
                derandomize=N_INPUTS < 10_000,
                suppress_health_check=list(hypothesis.HealthCheck),
                phases=[hypothesis.Phase.generate],
            )
            @hypothesis.given(st.randoms(use_true_random=False))
            def searched(chance: Random) -> None:
                tried(chance)

            searched()
            for number in range(N_SEARCHED, N_INPUTS):
                try:
                    tried(Random(f"{test.__name__} {number}"))
                except BaseException as error:
                    error.add_note(f"input {number} of {test.__name__}: {path}")
                    raise

        run.__name__, run.__doc__ = test.__name__, test.__doc__
        return run

    return decorate
