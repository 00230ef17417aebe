"""A captured face as a motion: Live Link Face CSV, or NPZ of DualTalk and of its data set."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..motion import NETWORK_FPS, FloatArray, Motion
from ..names import ARKIT_INDEX, JAW_OPEN_RAD
from . import live_link

SUFFIXES = (".csv", ".npz")
#: More than this is no shift between a camera and a recorder, seconds.
MOST_SHIFT_S = 3600.0
#: A mouth that opens and shuts by this share of jawOpen within half a second speaks.
_SPEAKS, _WINDOW_FRAMES = 0.12, 13
#: A recording that is this much shorter or longer than the sound is worth a word, seconds.
_NOTED_S = 0.5
_CLOSE = ARKIT_INDEX["mouthClose"]


@dataclass(frozen=True)
class Fitted:
    """A captured motion as long as the dialogue, at 25 frames per second."""

    motion: Motion
    has_eyes: bool  #: the recording knows where the eyes look
    note: str = ""  #: what the user should know


def read(path: Path) -> Motion:
    """Read a captured face, at the rate of its recording.

    Raises:
        InputError: the file cannot be read, or is of neither kind.
    """
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise InputError(
            f"{path} is no captured face that can be read: give a .csv of Live Link Face, or a "
            ".npz of DualTalk or its data set."
        )
    motion = live_link.read(path) if kind == ".csv" else Motion.load(path)
    if motion.n_frames == 0:
        raise InputError(f"{path} holds no frames: choose another recording.")
    return motion


def n_frames_of(motion: Motion, shift_s: float) -> int:
    """Return how many frames of 25 per second a recording lasts when it begins at `shift_s`."""
    return max(1, round((motion.duration_s + shift_s) * NETWORK_FPS))


def fitted(motion: Motion, n_frames: int, shift_s: float = 0.0, name: str = "The face") -> Fitted:
    """Return a recording over the frames of a dialogue.

    Before it begins and after it ends the face rests in its first and last pose.

    Args:
        motion: as recorded.
        n_frames: of the dialogue, at 25 per second.
        shift_s: when in the sound the recording begins, seconds; negative: before the sound.
        name: of the recording, for the note.

    Raises:
        InputError: nothing of the recording is within the dialogue.
    """
    at_rate = motion.resampled(NETWORK_FPS)
    shift = round(shift_s * NETWORK_FPS)
    if shift >= n_frames or shift + at_rate.n_frames <= 0:
        raise InputError(
            f"{name} lasts from {shift_s:.1f} to {shift_s + motion.duration_s:.1f} s, and the "
            f"dialogue from 0 to {n_frames / NETWORK_FPS:.1f} s: set where the recording begins."
        )
    rows = np.clip(np.arange(n_frames) - shift, 0, at_rate.n_frames - 1)
    cut = replace(
        at_rate,
        expression=at_rate.expression[rows],
        jaw=at_rate.jaw[rows],
        head=at_rate.head[rows],
        eyes=at_rate.eyes[rows],
        translation=np.zeros((n_frames, 3), np.float32),  # of the camera's space, not the scene's
    )
    ends_s = motion.duration_s + shift_s
    note = _length_note(name, ends_s, n_frames / NETWORK_FPS)
    return Fitted(cut, bool(np.abs(motion.eyes).max() > 0), note)


def speaking(motion: Motion) -> NDArray[np.bool_]:
    """Tell from the mouth alone when somebody speaks, (n_frames,), for faces without sound.

    Args:
        motion: at 25 frames per second.
    """
    opening: FloatArray = motion.jaw[:, 0] / JAW_OPEN_RAD
    if motion.basis == "arkit":
        opening = opening - motion.expression[:, _CLOSE]
    moved = np.abs(np.diff(opening, prepend=opening[:1]))
    return np.asarray(np.convolve(moved, np.ones(_WINDOW_FRAMES), "same") > _SPEAKS)


def _length_note(name: str, recording_s: float, dialogue_s: float) -> str:
    if recording_s < dialogue_s - _NOTED_S:
        return f"{name} ends {dialogue_s - recording_s:.1f} s before the dialogue: it rests then."
    if recording_s > dialogue_s + _NOTED_S:
        return f"{name} is {recording_s - dialogue_s:.1f} s longer than the dialogue: it is cut."
    return ""
