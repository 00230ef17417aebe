"""Whatever bytes a file holds, a reader gives what it is for, or one short sentence of ours.

Inputs are files that are right, spoiled (`drawing`): bits, numbers, lengths, pieces moved, and
whole headers of harm. In CI a few hundred for each reader, always the same; `make fuzz` draws
100,000 for each. docs/reliability.md has the counts. Here are files that are ours and sounds,
in `test_formats` those of other programs.
"""

import contextlib
import io
import json
import os
import pickle
import struct
from pathlib import Path
from random import Random
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
from dualtalk.tests.fuzz.drawing import (
    LONGEST,
    TEXTS,
    Draw,
    fuzzed,
    noise,
    odd_arrays,
    odd_json,
    one_of,
    spoiled,
)


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


def pickles() -> Draw:
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

    def with_instructions(chance: Random) -> bytes:
        seed = chance.choice(seeds)
        for _ in range(chance.randint(1, 6)):
            at = chance.randint(0, len(seed))
            seed = seed[:at] + chance.choice(instructions) + seed[at:]
        return seed

    def with_harm(chance: Random) -> bytes:
        harmed = flame_arrays() | {chance.choice(names): chance.choice(harmful)}
        return pickle.dumps(harmed, chance.randint(2, 5))

    names = sorted(flame_arrays())
    return one_of(*map(spoiled, seeds), with_instructions, with_instructions, with_harm, noise(100))


@fuzzed(pickles(), "f.pkl")
def test_flame_pkl(path: Path) -> None:
    flame_file.load(path)


def asked() -> dict[str, Any]:
    request = GenerateRequest("a.wav", "b.wav", window_s=10.0, mixed=True)
    return {"job": "generate", "version": results.VERSION, **request.__dict__}


@fuzzed(odd_json(asked()), "request.json")
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


@fuzzed(odd_json(gaze()), "gaze.json")
def test_gaze_text(path: Path) -> None:
    WrittenGaze.from_text(path.read_text(encoding="latin1"))


def result() -> dict[str, Any]:
    written = results.looks_to_json(looks())
    return {"version": results.VERSION, "notes": ["a"], "looks": written, "gaze_fps": 25.0}


@fuzzed(odd_json(result()), "result.json")
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


@fuzzed(odd_json({"fraction": 0.5, "text": "x", "error": "y", "kind": "InputError"}), "line.txt")
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


def sounds() -> Draw:
    rates = [0, 1, 2, 50, 3999, 4000, 8000, 44_100, 192_000, 2**31 - 1, 2**32 - 1]
    channels = [0, 1, 2, 8, 255, 1024, 65_535]
    bits = [0, 1, 8, 16, 24, 32, 64, 255]
    kinds = [0, 1, 3, 6, 7, 0x11, 0x55, 0xFFFE, 0xFFFF]

    def lying(chance: Random) -> bytes:
        return wave_file(*(chance.choice(each) for each in (rates, channels, bits, kinds)))

    return one_of(spoiled(wave_file()), lying, noise(100))


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


def networks() -> Draw:
    safetensors = pytest.importorskip("safetensors.numpy")
    config = {"n_pieces": 20, "n_features": 8, "n_layers": 2}
    tensors = {"pieces.weight": np.zeros((20, 8), np.float16)}
    configs = odd_json(config)

    def written(metadata: dict[str, str]) -> bytes:
        return bytes(safetensors.save(tensors, metadata))

    def with_config(chance: Random) -> bytes:
        return written(right | {"config": configs(chance).decode("latin1")})

    def with_text(chance: Random) -> bytes:
        key = chance.choice(["network", "basis", "card", "name"])
        return written(right | {key: chance.choice(TEXTS[:-1])})  # the last is no UTF-8

    right = {"network": "director", "config": json.dumps(config), "basis": "arkit", "card": "{}"}
    return one_of(spoiled(written(right)), with_config, with_text)


@fuzzed(networks(), "x.safetensors")
def test_checkpoint(path: Path) -> None:
    checkpoints = pytest.importorskip("dualtalk.inference.checkpoints")
    checkpoints.load(path, checkpoints.NETWORKS["director"][0])


def published() -> Draw:
    torch = pytest.importorskip("torch")
    whole = io.BytesIO()
    torch.save({"module.weight": torch.zeros(3)}, whole)
    pickled = [spoiled(pickle.dumps({"a": 1}, protocol)) for protocol in range(6)]
    return one_of(spoiled(whole.getvalue()), one_of(*pickled))


@fuzzed(published(), "x.pth")
def test_published_checkpoint(path: Path) -> None:
    convert = pytest.importorskip("dualtalk.inference.convert")
    convert.convert(path, path.with_name("out.safetensors"))
