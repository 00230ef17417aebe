"""The picture of a dialogue shows who is loud when."""

import numpy as np
from dualtalk.core.conversation.waveform import COLORS, picture, tracks


def burst(first: int, last: int, n: int = 48_000) -> np.ndarray:
    """Return a track that is loud between two samples and faint elsewhere."""
    generator = np.random.default_rng(first)
    track = 1e-4 * generator.standard_normal(n)
    track[first:last] = 0.5 * generator.standard_normal(last - first)
    return track.clip(-1, 1).astype(np.float32)


def test_each_voice_has_a_row_that_is_high_and_bright_where_it_speaks() -> None:
    image = picture(np.stack([burst(0, 24_000), burst(24_000, 48_000)]), 60, 40)
    assert image.shape == (40, 60, 4)
    assert image.min() >= 0
    assert image.max() <= 1
    covered = image[..., 3] > 0
    assert covered[20:, :28].mean() > 0.3 > covered[20:, 32:].mean()  # A, above
    assert covered[:20, 32:].mean() > 0.3 > covered[:20, :28].mean()  # B, below
    assert image[30, 10, 3] == image[10, 50, 3] == 1.0
    np.testing.assert_allclose(image[30, 10, :3], COLORS[0], atol=1e-6)
    np.testing.assert_allclose(image[10, 50, :3], COLORS[1], atol=1e-6)
    assert 0 < image[30, 50, 3] < 1  # a line where A is silent


def test_one_track_fills_the_picture() -> None:
    image = picture(burst(0, 48_000)[None], 50, 30)
    assert (image[..., 3] > 0)[2:-2].mean() > 0.3
    assert set(np.unique(image[..., 3])) == {0.0, 1.0}


def test_silence_is_a_line() -> None:
    image = picture(np.zeros((2, 16_000), np.float32), 40, 40)
    assert (image[..., 3] > 0).sum(axis=0).max() <= 4


def test_what_is_drawn_of_one_or_two_files() -> None:
    stereo = np.array([[1, 1, 1], [0, 0, 0]], np.float32)
    mono = np.ones((1, 5), np.float32)
    assert tracks([stereo], False, False).tolist() == stereo.tolist()
    assert tracks([stereo], False, True).tolist() == stereo[::-1].tolist()
    assert tracks([stereo], True, False).tolist() == [[0.5] * 3]
    assert tracks([mono], False, False) is None
    assert tracks([stereo, mono], False, False).tolist() == [[0.5, 0.5, 0.5, 0, 0], [1] * 5]
