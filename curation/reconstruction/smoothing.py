"""Temporal smoothing, and what stands where a face was not seen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

Floats = NDArray[np.floating[Any]]

#: Frames and order of the Savitzky-Golay windows: a lip closure lasts three frames and must stay,
#: a head has no such speed.
FACE_WINDOW, HEAD_WINDOW, PLACE_WINDOW = (5, 2), (9, 2), (25, 2)


def filled(values: Floats, is_known: NDArray[np.bool_]) -> Floats:
    """Fill frames that are not known, linear between those that are (n_frames, ...)."""
    flat = values.reshape(len(values), -1).astype(np.float64)
    known = np.flatnonzero(is_known)
    columns = [np.interp(np.arange(len(flat)), known, column[known]) for column in flat.T]
    result: Floats = np.stack(columns, axis=1).reshape(values.shape)
    return result


def smoothed(values: Floats, window: tuple[int, int]) -> Floats:
    """Smooth (n_frames, ...) along time; clips that are shorter than the window stay."""
    length, order = window
    if len(values) < length:
        return values
    result: Floats = savgol_filter(values, length, order, axis=0, mode="interp")
    return result


def smoothed_rotations(rotations: Floats) -> Floats:
    """Smooth rotations (n_frames, 3, 3) by their matrices, and make them rotations again."""
    mean = smoothed(rotations.reshape(len(rotations), 9), HEAD_WINDOW).reshape(-1, 3, 3)
    u, _, vt = np.linalg.svd(mean)
    sign = np.sign(np.linalg.det(u @ vt))
    u[:, :, 2] *= sign[:, None]
    result: Floats = u @ vt
    return result
