"""Which frames of a face are good: large, sharp, not turned away, with a mouth that is seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..options import DEFAULTS, Options
from ..verdicts import Reason
from .tracks import Track

_SMOOTH_FRAMES = 5


@dataclass(frozen=True)
class Quality:
    """Of one person, per frame; nan or false where the face was not seen."""

    size_px: NDArray[np.float64]  #: (n_frames,)
    sharpness: NDArray[np.float64]  #: (n_frames,) of the clip's usual
    mouth: NDArray[np.float64]  #: (n_frames,) likeness to the clip's usual mouth, -1 to 1
    yaw_deg: NDArray[np.float64]  #: (n_frames,)
    pitch_deg: NDArray[np.float64]  #: (n_frames,)

    def flaws(self, options: Options = DEFAULTS) -> dict[str, NDArray[np.bool_]]:
        """Return for each kind of flaw in which frames it is, (n_frames,)."""
        with np.errstate(invalid="ignore"):
            return {
                "small_face": self.size_px < options.smallest_face_px,
                "blurred": self.sharpness < options.sharpest_share,
                "covered_mouth": self.mouth < options.mouth_likeness,
                "extreme_turn": (np.abs(self.yaw_deg) > options.largest_yaw_deg)
                | (np.abs(self.pitch_deg) > options.largest_pitch_deg),
            }

    def usable(self, options: Options = DEFAULTS) -> NDArray[np.bool_]:
        """Return which frames are good, (n_frames,)."""
        seen = np.isfinite(self.size_px)
        usable: NDArray[np.bool_] = seen & ~np.any(list(self.flaws(options).values()), axis=0)
        return usable


def measured(track: Track) -> Quality:
    """Measure a person through a shot."""
    size, sharp, yaw, pitch = (np.full(len(track.faces), np.nan) for _ in range(4))
    mouths = np.full((len(track.faces), 24 * 32), np.nan)
    for i, (face, patches) in enumerate(zip(track.faces, track.patches, strict=True)):
        if face is None or patches is None:
            continue
        size[i], sharp[i] = face.size_px, patches.sharpness
        yaw[i], pitch[i] = turns_deg(face.transform)
        mouths[i] = patches.mouth.ravel()
    usual = np.nanmedian(sharp) if np.isfinite(sharp).any() else 1.0
    return Quality(size, sharp / max(float(usual), 1e-9), mouth_likeness(mouths), yaw, pitch)


def turns_deg(transform: NDArray[np.float32]) -> tuple[float, float]:
    """Return yaw and pitch of the direction that a face looks in, against the camera's."""
    x, y, z = transform[:3, 2].astype(float)
    return float(np.degrees(np.arctan2(x, z))), float(np.degrees(np.arctan2(-y, np.hypot(x, z))))


def mouth_likeness(mouths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how like the clip's median each mouth (n_frames, pixels) is, as a correlation.

    The median is robust as long as the mouth is covered less than half of the time; a few frames
    are taken together, as a hand stays longer than a syllable.
    """
    likeness = np.full(len(mouths), np.nan)
    is_seen = np.isfinite(mouths).all(axis=1)
    if not is_seen.any():
        return likeness
    usual = _normal(np.median(mouths[is_seen], axis=0))
    likeness[is_seen] = _normal(mouths[is_seen]) @ usual / mouths.shape[1]
    filled = np.interp(np.arange(len(mouths)), np.flatnonzero(is_seen), likeness[is_seen])
    half = _SMOOTH_FRAMES // 2
    padded = np.pad(filled, half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _SMOOTH_FRAMES)
    smooth: NDArray[np.float64] = np.where(is_seen, np.median(windows, axis=1), np.nan)
    return smooth


def _normal(patch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take out brightness and contrast."""
    centred = patch - patch.mean(axis=-1, keepdims=True)
    spread = centred.std(axis=-1, keepdims=True)
    normal: NDArray[np.float64] = centred / np.maximum(spread, 1e-6)
    return normal


def reasons(who: str, quality: Quality, options: Options = DEFAULTS) -> list[Reason]:
    """Return why a person is not seen well enough: a reason for each flaw that is too frequent."""
    n_seen = max(int(np.isfinite(quality.size_px).sum()), 1)
    found = []
    for code, flawed in quality.flaws(options).items():
        share = float(flawed.sum()) / n_seen
        if share > 1 - options.least_usable:
            measured_now: dict[str, float | str] = {"who": who, "frames": round(share, 2)}
            found.append(Reason("quality", code, measured_now))
    share = float(quality.usable(options).sum()) / n_seen
    if not found and share < options.least_usable:
        worst = max(quality.flaws(options).items(), key=lambda item: int(item[1].sum()))[0]
        found.append(Reason("quality", worst, {"who": who, "usable": round(share, 2)}))
    return found
