"""Whatever bytes a file holds, a reader gives what it is for, or one short sentence of ours.

Inputs are files that are right, spoiled by hypothesis: bits, numbers, lengths, pieces moved, and
whole headers of harm. In CI a few hundred for each reader, always the same; `make fuzz` draws
100,000 for each. docs/reliability.md has the counts.
"""

import contextlib
import io
import json
import os
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dualtalk.core.conversation import pcm
from dualtalk.core.directing.gaze_plan import GazePlan, Look
from dualtalk.core.directing.gaze_text import WrittenGaze
from dualtalk.core.errors import DualTalkError
from dualtalk.core.faces import flame_file
from dualtalk.core.jobs import results
from dualtalk.core.jobs.requests import GenerateRequest, TurnsRequest
from dualtalk.core.jobs.worker_process import WorkerProcess
from dualtalk.core.motion import Motion
from dualtalk.core.performance import Performance

hypothesis = pytest.importorskip("hypothesis", reason="fuzzing needs hypothesis")
from hypothesis import strategies as st  # noqa: E402

N_INPUTS = int(os.environ.get("DUALTALK_FUZZ", "150"))
LONGEST = 300

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
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "set", "u16", "u32", "u64", "cut", "insert", "end", "copy"]),
        st.floats(0, 1),
        st.sampled_from(NUMBERS),
        st.binary(min_size=1, max_size=16),
        st.sampled_from([60, 400, 1 << 30]),
    ),
    min_size=1,
    max_size=12,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: (
        st.lists(inside, max_size=5) | st.dictionaries(st.text(max_size=9), inside, max_size=5)
    ),
    max_leaves=12,
)


def spoiled(content: bytes, edits: list[tuple[str, float, int, bytes, int]]) -> bytes:
    """Return bytes after some edits, most of them near the beginning, where headers are."""
    data = bytearray(content)
    for kind, place, number, some, head in edits:
        at = int(place * max(0, min(len(data), head) - 1))
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
    return bytes(data)


def arrays_file(arrays: dict[str, Any], packed: int = zipfile.ZIP_STORED) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", packed) as archive:
        for name, array in arrays.items():
            archive.writestr(f"{name}.npy", array if isinstance(array, bytes) else member(array))
    return whole.getvalue()


def member(array: Any, header: str | None = None) -> bytes:
    whole = io.BytesIO()
    np.save(whole, np.asarray(array))
    if header is None:
        return whole.getvalue()
    text = header.encode() + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + np.asarray(array).tobytes()


def odd_arrays(arrays: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Draw files of these arrays: spoiled bytes, harmful headers, arrays that lack or are odd."""
    odd = st.sampled_from(
        [
            np.zeros(()), np.zeros((0, 6)), np.full((3, 6), np.nan), np.full((3, 6), 1e300),
            np.zeros((3, 6), complex), np.zeros((3, 6), "<U9"), np.array([{}], object),
            np.zeros((2,) * 20), np.zeros((3, 6), bool), np.array(2**62), np.array("x" * 5000),
            np.zeros((3, 6), ">f8"), np.asfortranarray(np.ones((6, 3))), np.zeros(3, "S4"),
        ]
    )  # fmt: skip
    names = st.sampled_from(sorted(arrays))
    packed = st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    whole = arrays_file(arrays)
    return st.one_of(
        st.builds(lambda edits: spoiled(whole, edits), EDITS),
        st.builds(lambda n, a, p: arrays_file(arrays | {n: a}, p), names, odd, packed),
        st.builds(
            lambda n, h, p: arrays_file(arrays | {n: member(np.zeros(9), h)}, p),
            names, st.sampled_from(HEADERS), packed,
        ),
        st.builds(lambda n: arrays_file({k: v for k, v in arrays.items() if k != n}), names),
        st.binary(max_size=200),
    )  # fmt: skip


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


def fuzzed(strategy: st.SearchStrategy[Any], name: str) -> Callable[..., Any]:
    """Return a decorator: the test gets a path whose file holds what was drawn."""

    def decorate(test: Callable[[Path], object]) -> Callable[[Path], None]:
        def run(tmp_path: Path) -> None:
            path = tmp_path / name

            @hypothesis.settings(
                max_examples=N_INPUTS,
                deadline=None,
                database=None,
                derandomize=N_INPUTS < 10_000,
                suppress_health_check=list(hypothesis.HealthCheck),
                phases=[hypothesis.Phase.generate],
            )
            @hypothesis.given(strategy)
            def each(content: bytes) -> None:
                path.write_bytes(content)
                only_ours(lambda: test(path), path)

            each()

        run.__name__, run.__doc__ = test.__name__, test.__doc__
        return run

    return decorate


def motion_arrays() -> dict[str, Any]:
    draw = np.random.default_rng(1)
    return {
        "exp": draw.random((5, 40)), "pose": draw.random((5, 6)), "eyes": draw.random((5, 6)),
        "translation": draw.random((5, 3)), "fps": np.float64(25), "basis": np.str_("arkit"),
    }  # fmt: skip


def flame_arrays() -> dict[str, Any]:
    draw = np.random.default_rng(3)
    regressor = draw.random((5, 6))
    return {
        "v_template": draw.random((6, 3)), "f": np.array([[0, 1, 2]], np.uint32),
        "shapedirs": draw.random((6, 3, 301)), "posedirs": draw.random((6, 3, 36)),
        "J_regressor": regressor / regressor.sum(axis=1, keepdims=True),
        "weights": np.full((6, 5), 0.2),
        "kintree_table": np.array([[2**32 - 1, 0, 1, 1, 1], [0, 1, 2, 3, 4]]),
    }  # fmt: skip


@fuzzed(odd_arrays(motion_arrays()), "m.npz")
def test_motion(path: Path) -> None:
    Motion.load(path).save(path.with_name("back.npz"))


@fuzzed(odd_arrays({"probability": np.random.default_rng(0).random((2, 50))}), "t.npz")
def test_turns(path: Path) -> None:
    results.read_turns(path)


@fuzzed(odd_arrays({"shape": np.random.default_rng(0).random((4, 100))}), "i.npz")
def test_identity(path: Path) -> None:
    flame_file.load_identity(path)


@fuzzed(odd_arrays(flame_arrays()), "f.npz")
def test_flame_npz(path: Path) -> None:
    flame_file.load(path)


class _Call:
    """Pickles as a call of something with these arguments."""

    def __init__(self, *call: Any) -> None:
        self.call = call

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


def pickles() -> st.SearchStrategy[bytes]:
    seeds = [pickle.dumps(flame_arrays(), protocol) for protocol in range(6)]
    kind = _Call(np.dtype, ("f8", False, True))
    harmful = [
        _Call(np.dtype, ("V8", False, True), (3, "|", None, ("a",), {"a": (kind, 0)}, 8, 1, 0)),
        _Call(np.ndarray, ((3,), kind, b"\0" * 8)),
        _Call(np.ndarray, ((10**9, 10**9), kind, b"")),
        _Call(os.mkdir, ("made",)),
        _Call(np.load, ("x",)),
        [[] for _ in range(1000)],
    ]
    instructions = [
        b"R", b"b", b"}", b"N", b"(", b"t", b"s", b"u", b"\x81", b"0", b"2", b".", b"a", b"e",
        b"cos\nsystem\n", b"cnumpy\nndarray\n", b"cnumpy\ndtype\n", b"ccollections\nOrderedDict\n",
        b"cscipy.sparse.csc\ncsc_matrix\n", b"cchumpy.ch\nCh\n", b"r\xff\xff\xff\x7f", b"q\xff",
        b"\x96\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x95\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x8f", b"\x90", b"\x91", b"\x82\x01", b"Q",
        b"\x8a\xff" + b"1" * 255, b"I9\n", b"d", b"l", b"o", b"ios\nsystem\n", b"\x85" * 99,
    ]  # fmt: skip
    inserted = st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(instructions)), min_size=1, max_size=6
    )

    def with_instructions(seed: bytes, given: list[tuple[float, bytes]]) -> bytes:
        for place, code in given:
            at = int(place * len(seed))
            seed = seed[:at] + code + seed[at:]
        return seed

    def with_harm(name: str, harm: Any, protocol: int) -> bytes:
        return pickle.dumps(flame_arrays() | {name: harm}, protocol)

    return st.one_of(
        st.builds(spoiled, st.sampled_from(seeds), EDITS),
        st.builds(with_instructions, st.sampled_from(seeds), inserted),
        st.builds(
            with_harm,
            st.sampled_from(sorted(flame_arrays())),
            st.sampled_from(harmful),
            st.integers(2, 5),
        ),
        st.binary(max_size=100),
    )


@fuzzed(pickles(), "f.pkl")
def test_flame_pkl(path: Path) -> None:
    flame_file.load(path)


def texts(right: object) -> st.SearchStrategy[bytes]:
    """Draw JSON: right ones that are spoiled, with odd values, nested beyond measure, or none."""
    whole = json.dumps(right).encode()
    deep = [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, b"\xff\xfe", b"NaN", b"null", b"-"]

    def with_value(keys: list[str], value: Any) -> bytes:
        changed = json.loads(whole)
        for key in keys:
            changed[key] = value
        return json.dumps(changed).encode()

    known = st.lists(st.sampled_from(sorted(right)), min_size=1, max_size=3)  # type: ignore[call-overload]
    return st.one_of(
        st.builds(lambda edits: spoiled(whole, edits), EDITS),
        st.builds(with_value, known, JSON),
        st.builds(lambda value: json.dumps(value).encode(), JSON),
        st.sampled_from(deep),
    )


def asked() -> dict[str, Any]:
    request = GenerateRequest("a.wav", "b.wav", window_s=10.0, mixed=True)
    return {"job": "generate", "version": results.VERSION, **request.__dict__}


@fuzzed(texts(asked()), "request.json")
def test_request(path: Path) -> None:
    request = GenerateRequest.read(path.parent)
    with contextlib.suppress(ValueError):  # a null in a path: files are opened by readers
        _ = request.placed, request.sounds


def looks() -> GazePlan:
    given = (Look(0, "partner"), Look(3, "away", 0.25, -0.5))
    return GazePlan((given, given[:1]), 7)


def gaze() -> dict[str, Any]:
    text = WrittenGaze(looks(), np.eye(2, 7) > 0).to_text()
    return dict(json.loads(text))


@fuzzed(texts(gaze()), "gaze.json")
def test_gaze_text(path: Path) -> None:
    WrittenGaze.from_text(path.read_text(encoding="latin1"))


def result() -> dict[str, Any]:
    written = results.looks_to_json(looks())
    return {"version": results.VERSION, "notes": ["a"], "looks": written, "gaze_fps": 25.0}


@fuzzed(texts(result()), "result.json")
def test_result(path: Path) -> None:
    if not (path.parent / "speaking.npy").is_file():
        motion = Motion.at_rest(7)
        made = Performance((motion, motion), (Path("a"),), np.zeros((2, 7), bool), looks())
        content = path.read_bytes()
        results.write_performance(path.parent, made, ())
        path.write_bytes(content)
    results.read_performance(path.parent, (Path("a"),))


@fuzzed(odd_arrays({"probability": np.ones((2, 9))}), "turns.npz")
def test_result_of_turns(path: Path) -> None:
    results.write_json(path.parent, {"notes": [], "n_voices": 2, "sureness": 0.5})
    TurnsRequest("a").result(path.parent)


@fuzzed(texts({"fraction": 0.5, "text": "x", "error": "y", "kind": "InputError"}), "line.txt")
def test_lines_of_a_worker(path: Path) -> None:
    worker = WorkerProcess.__new__(WorkerProcess)
    worker.progress, worker._error = worker_progress(), None
    worker._take(path.read_bytes())
    assert 0 <= worker.progress.fraction <= 1
    if worker._error is not None:
        raise DualTalkError(str(worker._error)[:LONGEST])


def worker_progress() -> Any:
    from dualtalk.core.jobs.worker_process import Progress

    return Progress()


def wave_file(rate: int = 16_000, channels: int = 2, bits: int = 16, kind: int = 1) -> bytes:
    body = bytes(range(256)) * 20
    layout = struct.pack(
        "<HHIIHH", kind, channels, rate, rate * 4 % 2**32, max(1, channels * bits // 8) % 2**16,
        bits,
    )  # fmt: skip
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + layout + b"data"
    whole = chunks + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def sounds() -> st.SearchStrategy[bytes]:
    rates = st.sampled_from([0, 1, 2, 50, 3999, 4000, 8000, 44_100, 192_000, 2**31 - 1, 2**32 - 1])
    channels = st.sampled_from([0, 1, 2, 8, 255, 1024, 65_535])
    bits = st.sampled_from([0, 1, 8, 16, 24, 32, 64, 255])
    kinds = st.sampled_from([0, 1, 3, 6, 7, 0x11, 0x55, 0xFFFE, 0xFFFF])
    return st.one_of(
        st.builds(lambda edits: spoiled(wave_file(), edits), EDITS),
        st.builds(wave_file, rates, channels, bits, kinds),
        st.binary(max_size=100),
    )


@fuzzed(sounds(), "x.wav")
def test_plain_sound(path: Path) -> None:
    try:
        found = pcm.at_network_rate(path, 900.0)
    except ValueError as error:  # the waveform is not drawn: nobody is told
        raise DualTalkError(str(error)) from error
    assert found is not None
    assert np.abs(found).max() <= 1


@fuzzed(sounds(), "x.wav")
def test_sound(path: Path) -> None:
    audio = pytest.importorskip("dualtalk.inference.audio")
    with contextlib.suppress(DualTalkError):
        audio.read_track(path)
    audio.read_dialogue(path)


def networks() -> st.SearchStrategy[bytes]:
    safetensors = pytest.importorskip("safetensors.numpy")
    config = {"n_pieces": 20, "n_features": 8, "n_layers": 2}
    tensors = {"pieces.weight": np.zeros((20, 8), np.float16)}

    def written(metadata: dict[str, str]) -> bytes:
        return bytes(safetensors.save(tensors, metadata))

    right = {"network": "director", "config": json.dumps(config), "basis": "arkit", "card": "{}"}
    texts_of_config = texts(config).map(lambda content: content.decode("latin1"))
    return st.one_of(
        st.builds(lambda edits: spoiled(written(right), edits), EDITS),
        st.builds(lambda text: written(right | {"config": text}), texts_of_config),
        st.builds(
            lambda key, text: written(right | {key: text}),
            st.sampled_from(["network", "basis", "card", "name"]),
            st.text(max_size=20),
        ),
    )


@fuzzed(networks(), "x.safetensors")
def test_checkpoint(path: Path) -> None:
    checkpoints = pytest.importorskip("dualtalk.inference.checkpoints")
    checkpoints.load(path, checkpoints.NETWORKS["director"][0])


def published() -> st.SearchStrategy[bytes]:
    torch = pytest.importorskip("torch")
    whole = io.BytesIO()
    torch.save({"module.weight": torch.zeros(3)}, whole)
    return st.one_of(
        st.builds(lambda edits: spoiled(whole.getvalue(), edits), EDITS),
        st.builds(spoiled, st.sampled_from([pickle.dumps({"a": 1}, n) for n in range(6)]), EDITS),
    )


@fuzzed(published(), "x.pth")
def test_published_checkpoint(path: Path) -> None:
    convert = pytest.importorskip("dualtalk.inference.convert")
    convert.convert(path, path.with_name("out.safetensors"))
