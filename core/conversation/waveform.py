"""A small picture of a dialogue: a row per voice, bright where it speaks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .turns import speaking

#: Of speaker A and B, (red, green, blue), as the lines of sight have them.
COLORS = ((1.0, 0.55, 0.1), (0.2, 0.65, 1.0))
#: Height and width of the picture that is shown.
SIZE_PX = 192
#: Longer sounds are not drawn: 15 minutes fill 60 MB for each voice.
LONGEST_S = 900.0
_QUIET = 0.4  # opacity where nobody speaks
_GAP = 0.08  # of a row's height that stays free above and below
_LEAST = 1e-3  # a track that never gets louder is drawn as silence


def picture(tracks: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Draw the loudest samples of each moment about the middle of its row.

    Args:
        tracks: (n_voices, n_samples) in [-1, 1], 16 kHz, n_voices 1 or 2; of one track it is not
            known who speaks, so all of it is bright.
        width: of the picture, pixels.
        height: of the picture, pixels; it is shared by the rows.

    Returns:
        (height, width, 4) red, green, blue and opacity, 0 to 1, the lowest line first.
    """
    image = np.zeros((height, width, 4), np.float32)
    n_rows = len(tracks)
    peaks = np.stack([_columns(np.abs(track), width) for track in tracks])
    talks = np.ones((1, 1), np.bool_) if n_rows == 1 else speaking(tracks)
    bright = np.stack([_columns(row.astype(np.float32), width) > 0 for row in talks])
    rows = np.linspace(height, 0, n_rows + 1).round().astype(int)  # A is the highest
    for row in range(n_rows):
        low, high = rows[row + 1], rows[row]
        half = (high - low) / 2
        from_middle = np.abs(np.arange(low, high) + 0.5 - (low + high) / 2)[:, None]
        level = peaks[row] / max(float(peaks[row].max()), _LEAST)
        is_inside = from_middle <= np.maximum(level * half * (1 - _GAP), 0.5)
        image[low:high, :, :3] = COLORS[row]
        image[low:high, :, 3] = is_inside * np.where(bright[row], 1.0, _QUIET)
    return image


def tracks(
    channels: Sequence[NDArray[np.float32]], is_mixed: bool, swaps_voices: bool
) -> NDArray[np.float32] | None:
    """Return what a picture shows of one or two files: a row per voice, or one that holds both.

    Args:
        channels: of each file, (n_channels, n_samples) at 16 kHz.
        is_mixed: a single file holds both voices in one track, else one in each of two channels.
        swaps_voices: the first channel is B's.

    Returns:
        (n_voices, n_samples), or None if there are not two channels where there should be.
    """
    if len(channels) == 2:
        rows = [each.mean(axis=0) for each in channels]
        longest = max(map(len, rows))
        stacked: NDArray[np.float32] = np.stack(
            [np.pad(row, (0, longest - len(row))) for row in rows]
        )
        return stacked
    (both,) = channels
    if is_mixed:
        mixed: NDArray[np.float32] = both.mean(axis=0, keepdims=True)
        return mixed
    if len(both) != 2:
        return None
    ordered: NDArray[np.float32] = both[::-1] if swaps_voices else both
    return ordered


def _columns(values: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return the highest value of each of `width` equal pieces, (width,)."""
    edges = np.linspace(0, len(values), width + 1)[:-1].astype(np.intp)
    highest: NDArray[np.float32] = np.maximum.reduceat(values, edges)
    return highest
