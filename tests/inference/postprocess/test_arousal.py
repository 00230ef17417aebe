"""A shouted, a whispered and a neutral line look different; gain does not matter."""

import numpy as np
import pytest
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES
from dualtalk.inference.postprocess.arousal import arousal, excite
from numpy.typing import NDArray

RATE, SECONDS = 16_000, 6
FloatArray = NDArray[np.float32]


def line(pitch_hz: float, semitones: float, tilt: float, per_second: float) -> FloatArray:
    """Return syllables of a voice: harmonics that fall by a power of their number."""
    t = np.arange(RATE * SECONDS) / RATE
    melody = semitones * np.sin(2 * np.pi * 0.7 * t) + 0.5 * semitones * np.sin(2 * np.pi * 1.9 * t)
    phase = 2 * np.pi * np.cumsum(pitch_hz * 2 ** (melody / 12)) / RATE
    sound = sum(np.sin(k * phase) / k**tilt for k in range(1, int(4500 / pitch_hz)))
    return _in_syllables(sound, per_second)


def whisper(per_second: float = 2.8) -> FloatArray:
    noise = np.random.default_rng(3).standard_normal(RATE * SECONDS)
    return _in_syllables(noise, per_second)


def _in_syllables(sound: FloatArray, per_second: float) -> FloatArray:
    t = np.arange(len(sound)) / RATE
    envelope = (
        0.02
        + np.maximum(np.sin(np.pi * per_second * t), 0) ** 2
        + np.maximum(-np.sin(np.pi * per_second * t), 0) ** 2
    )
    spoken = sound * envelope
    return (0.1 * spoken / np.abs(spoken).max()).astype(np.float32)


LINES = {
    "shouted": line(240, 7, 0.4, 4.2),
    "neutral": line(120, 5, 1.1, 3.3),
    "whispered": whisper(),
}


@pytest.fixture(scope="module")
def excited() -> dict[str, FloatArray]:
    return {name: arousal(sound, SECONDS * 25) for name, sound in LINES.items()}


def test_voices_are_told_apart(excited: dict[str, FloatArray]) -> None:
    middle = {name: float(values[50:-50].mean()) for name, values in excited.items()}
    assert middle["shouted"] > 0.4
    assert abs(middle["neutral"]) < 0.35
    assert middle["whispered"] < -0.4


def test_the_gain_of_the_recording_does_not_matter(excited: dict[str, FloatArray]) -> None:
    for name, sound in LINES.items():
        quiet = arousal(0.2 * sound, SECONDS * 25)
        np.testing.assert_allclose(quiet, excited[name], atol=0.05)


def test_silence_is_ordinary() -> None:
    assert not arousal(np.zeros(RATE, np.float32), 25).any()
    half = np.concatenate([LINES["shouted"], np.zeros(10 * RATE, np.float32)])
    assert abs(arousal(half, 400)[-50:]).max() < 1e-3


def test_the_face_differs(excited: dict[str, FloatArray]) -> None:
    n = SECONDS * 25
    shapes = np.full((n, len(ARKIT_SHAPES)), 0.2, np.float32)
    shapes[:, [ARKIT_INDEX[f"eyeBlink{side}"] for side in ("Left", "Right")]] = 0.0
    nods = 0.05 * np.sin(np.arange(n))[:, None].astype(np.float32) * np.ones(3, np.float32)
    plain = Motion.from_arrays(shapes, jaw=np.zeros((n, 3)), head=nods, basis="arkit")
    faces = {name: excite(plain, values) for name, values in excited.items()}

    def mean(name: str, shape: str) -> float:
        return float(faces[name].expression[50:-50, ARKIT_INDEX[shape]].mean())

    for shape in ("browInnerUp", "browOuterUpLeft", "mouthSmileLeft", "eyeWideRight"):
        assert mean("shouted", shape) > 1.1 * mean("neutral", shape)
        assert mean("whispered", shape) <= 1.05 * mean("neutral", shape)
    assert mean("whispered", "eyeBlinkLeft") > mean("neutral", "eyeBlinkLeft") + 0.02
    swing = {name: float(face.head[50:-50, 0].std()) for name, face in faces.items()}
    assert swing["shouted"] > 1.15 * swing["neutral"] > 1.3 * swing["whispered"]
    same = excite(plain, np.zeros(n, np.float32))
    np.testing.assert_allclose(same.expression, plain.expression, atol=1e-6)
    np.testing.assert_allclose(same.head, plain.head, atol=1e-6)
