"""What is done to hours of motion piece by piece is what is done to it at once, to the bit."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.core import stored
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES
from dualtalk.core.motion import Motion
from dualtalk.inference import noise
from dualtalk.inference.postprocess.arousal import arousal, excite
from dualtalk.inference.postprocess.liveliness import enlivened
from dualtalk.inference.postprocess.motion import motion_of, postprocessed
from dualtalk.tests.core.test_stored import needs_linux, resident_mb

N_FRAMES = 3001


def finished(n_frames: int = N_FRAMES) -> Motion:
    draw = np.random.default_rng(4)
    values = draw.normal(0.1, 0.4, (n_frames, 55)).astype(np.float32)
    cues = draw.random((n_frames, 3), np.float32)
    motion = postprocessed(motion_of(values, "arkit", 40), cues)
    track = draw.normal(0, 0.1, 4000 * FRAME_SAMPLES)[: n_frames * FRAME_SAMPLES]
    motion = enlivened(motion, seed=3, person=1)
    return excite(motion, arousal(track.astype(np.float32), n_frames)).stored()


def test_pieces_give_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole, drawn = finished(), noise.draw(N_FRAMES, 8, 5)
    monkeypatch.setattr(stored, "LEAST_BYTES", 1)
    monkeypatch.setattr(stored, "PIECE_BYTES", 9_000)  # some fifty frames of expression
    monkeypatch.setattr(noise, "_PIECE_FRAMES", 150)
    pieces = finished()
    for name, array in whole.file_arrays().items():
        np.testing.assert_array_equal(pieces.file_arrays()[name], array, err_msg=name)
    np.testing.assert_array_equal(noise.draw(N_FRAMES, 8, 5), drawn)
    assert pieces.expression.base is not None  # in a file


@needs_linux
def test_hours_are_finished_in_little_memory() -> None:
    draw = np.random.default_rng(0)
    values = stored.zeros((360_000, 55))  # four hours: the expression alone has 58 MB
    for piece in stored.rows(values):
        values[piece] = draw.random((piece.stop - piece.start, 55), np.float32)
    cues = draw.random((360_000, 3), np.float32)
    before = resident_mb()
    most = [before]
    let_go = stored.let_go

    def watched() -> None:
        most.append(resident_mb())
        let_go()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "let_go", watched)
        motion = postprocessed(motion_of(values, "arkit", 40), cues)
        motion = enlivened(motion, seed=3, person=1)
        motion = excite(motion, np.zeros(360_000, np.float32))
    assert max(most) - before < 130  # 265 when every step took the whole
    assert motion.n_frames == 360_000
