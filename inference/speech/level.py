"""How loud a person's own speech is in their track, whatever else is heard in it.

Tracks are levelled by their loud parts, which are not the person's speech where it is very quiet,
where they seldom speak, or where only the other is heard, through their microphone. Such tracks are
listened to: where they speak themselves decides.
"""

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray

from ...core import stored
from ...core.conversation.dialogue import FRAME_SAMPLES, Dialogue
from ...core.conversation.turns import frame_levels_db
from .. import checkpoints
from ..networks.speaker.speaker_segmentation import WINDOW_SAMPLES
from ..networks.speaker.voices import VoiceNetwork

#: To this the loud parts of speech are brought (`networks.dualtalk.gain_to_speech_level`), dB of
#: full scale.
SPEECH_DB = -20.0
#: Tracks whose loud parts are above this, whose peaks are less above them, and whose other is less
#: above them, are levelled by them.
_LOUD_DB, _PEAKS_DB, _LOUDER_DB = -40.0, 10.0, 10.0
#: The other speaks within so many dB of their peaks and above silence, and some frames around it
#: (0.3 s: rooms ring).
_SPEAKS_DB, _SILENCE_DB, _AROUND_FRAMES = 30.0, -80.0, 8
#: How many windows of 10 s are listened to: those with the loudest sound while the other is silent.
_LISTENED, _WINDOW_FRAMES = 3, WINDOW_SAMPLES // FRAME_SAMPLES
#: A voice of so many frames (0.24 s) is speech, in a window of 10 s.
_LEAST_HEARD_FRAMES = 6
#: The person must be heard in so many frames (0.4 s); what rings on after the other is farther
#: below the loud parts than own speech.
_LEAST_SPEECH_FRAMES, _RINGING_DB = 10, 14.0
#: Where the other is within so many dB of their loud parts, what comes through follows them as
#: closely as this over 0.2 s (at most 10 dB were measured in rooms that ring for up to 1.5 s),
#: and 1 s of it tells.
_LOUDLY_DB, _FOLLOWS_DB, _SMOOTHED_FRAMES, _FEWEST_FRAMES = 15.0, 12.0, 5, 25
#: Speech that is as loud as the loud parts, by so many dB, is the loud parts.
_SAME_DB = 6.0
#: A voice that is heard through another's microphone is quieter there by so much at least. Where
#: nothing else is heard the track is brought down to this, at which no lips move.
_THROUGH_DB, _NOBODY_DB = 6.0, -60.0

FloatArray = NDArray[np.float32]
Levels = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: Of A and B, dB of full scale: minus infinity if only the other is heard, None if the track's loud
#: parts are as good.
OwnLevels = tuple[float | None, float | None]


def levelled(dialogue: Dialogue, own_db: OwnLevels) -> Dialogue:
    """Bring the speech of those to a common level whose track's loud parts would mislead.

    Args:
        dialogue: as it was read.
        own_db: of both (`own_levels_db`).
    """
    if own_db == (None, None):
        return dialogue
    tracks = stored.copied(dialogue.tracks)
    for track, level_db in zip(tracks, own_db, strict=True):
        if level_db == -np.inf:
            _bring(track, loud_db(frame_levels_db(track)), _NOBODY_DB)
        elif level_db is not None:
            _bring(track, level_db, SPEECH_DB)
    first, second = own_db
    is_levelled = (first is not None, second is not None)
    return replace(dialogue, tracks=tracks, is_levelled=is_levelled)


def own_levels_db(tracks: FloatArray) -> OwnLevels:
    """Return of both tracks (2, n_samples) what `own_speech_db` does.

    Raises:
        CheckpointError: the network that hears speech is missing or damaged.
    """
    first, second = (frame_levels_db(track) for track in tracks)
    return own_speech_db(tracks[0], first, second), own_speech_db(tracks[1], second, first)


def raised(track: FloatArray) -> FloatArray:
    """Return a recording (n_samples,) as loud as speech, if speech is heard in it too quietly."""
    level_db = loud_db(frame_levels_db(track))
    if level_db > _LOUD_DB or not has_speech(track):
        return track
    copy = stored.copied(track)
    _bring(copy, level_db, SPEECH_DB)
    return copy


def own_speech_db(track: FloatArray, own: Levels, other: Levels) -> float | None:
    """Return how loud the loud parts of a person's own speech are, dB of full scale.

    Args:
        track: (n_samples,) at 16 kHz.
        own: (n_frames,) levels of the track, dB.
        other: (n_frames,) of the other's track.

    Returns:
        Minus infinity if only the other is heard; None if nothing speaks against the track's own
        loud parts, or nobody is heard.

    Raises:
        CheckpointError: the network that hears speech is missing or damaged.
    """
    loud, theirs = loud_db(own), loud_db(other)
    peaks = float(np.percentile(own, 99.9))
    if loud > _LOUD_DB and peaks < loud + _PEAKS_DB and theirs < loud + _LOUDER_DB:
        return None
    if own.max() < _SILENCE_DB:
        return None
    n_heard, alone = _heard_alone(track, own, _own_alone(own, other))
    if len(alone) >= _LEAST_SPEECH_FRAMES:
        level_db = loud_db(alone)
        if level_db > loud - _RINGING_DB:
            return loud if abs(level_db - loud) < _SAME_DB else level_db
    is_heard = n_heard >= _LEAST_SPEECH_FRAMES and _speaks_loudly(other).sum() >= _FEWEST_FRAMES
    return -np.inf if is_heard and theirs > loud + _THROUGH_DB else None


def loud_db(levels: Levels) -> float:
    """Return how loud the loud parts are of frames' levels, dB."""
    return float(np.percentile(levels, 95))


def has_speech(track: FloatArray) -> bool:
    """Tell whether a voice is heard in the loudest parts of a track (n_samples,)."""
    levels = frame_levels_db(track)
    starts = _loudest(levels, np.ones(len(levels), np.bool_))
    return any(int(voiced(track, start).sum()) >= _LEAST_HEARD_FRAMES for start in starts)


def voiced(track: FloatArray, first: int) -> Bools:
    """Return in which frames from `first` on a voice is heard, (up to `_WINDOW_FRAMES`,)."""
    network = checkpoints.load(checkpoints.bundled_path(VoiceNetwork), VoiceNetwork).network
    start = first * FRAME_SAMPLES
    sound = torch.from_numpy(track[start : start + WINDOW_SAMPLES].astype(np.float32))
    n_frames = -(-len(sound) // FRAME_SAMPLES)
    sound = F.pad(sound, (0, WINDOW_SAMPLES - len(sound)))
    with torch.inference_mode():
        nobody = network.segmentation(sound[None])[0].softmax(dim=-1)[:, 0].numpy()
    middles = (np.arange(_WINDOW_FRAMES) + 0.5) / _WINDOW_FRAMES * len(nobody)
    heard: Bools = nobody[middles.astype(int)] < 0.5
    return heard[:n_frames]


def _heard_alone(track: FloatArray, own: Levels, free: Bools) -> tuple[int, Levels]:
    """Return in how many frames a voice is heard, and the levels of those of them that are free."""
    n_heard, alone = 0, []
    for start in _loudest(own, free):
        heard = voiced(track, start)
        span = slice(start, start + len(heard))
        heard = heard[: len(free[span])]
        n_heard += int(heard.sum())
        alone.append(own[span][heard & free[span]])
        stored.let_go()
    return n_heard, np.concatenate(alone)


def _loudest(levels: Levels, free: Bools) -> list[int]:
    """Return the first frames of the windows whose free frames are the loudest, loudest first."""
    starts = range(0, max(len(levels) - _WINDOW_FRAMES // 2, 1), _WINDOW_FRAMES)
    power = np.where(free, 10 ** (levels / 10), 0)
    loudness = {start: float(power[start : start + _WINDOW_FRAMES].sum()) for start in starts}
    return sorted(starts, key=lambda start: -loudness[start])[:_LISTENED]


def _own_alone(own: Levels, other: Levels) -> Bools:
    """Return in which frames what is loud in a track is no sound of the other's, (n_frames,)."""
    alone = _is_silent(other)
    loudly = _speaks_loudly(other)
    if loudly.sum() < _FEWEST_FRAMES:
        return alone
    over_db = _smoothed(own) - _smoothed(other)
    through_db = np.percentile(over_db[loudly], 10)
    alone |= loudly & (over_db > through_db + _FOLLOWS_DB)
    return alone


def _is_silent(levels: Levels) -> Bools:
    """Return in which frames nobody speaks in a track, by its levels, (n_frames,)."""
    least = max(float(np.percentile(levels, 99)) - _SPEAKS_DB, _SILENCE_DB)
    around = np.ones(2 * _AROUND_FRAMES + 1)
    n_near = np.convolve((levels > least).astype(float), around)
    silent: Bools = n_near[_AROUND_FRAMES : len(levels) + _AROUND_FRAMES] < 0.5
    return silent


def _speaks_loudly(levels: Levels) -> Bools:
    smooth = _smoothed(levels)
    loudly: Bools = smooth > max(loud_db(levels) - _LOUDLY_DB, _SILENCE_DB)
    return loudly


def _smoothed(levels: Levels) -> Levels:
    around = np.full(_SMOOTHED_FRAMES, 1 / _SMOOTHED_FRAMES)
    power = np.convolve(10 ** (levels / 10), around)
    skip = _SMOOTHED_FRAMES // 2
    smooth: Levels = 10 * np.log10(power[skip : len(levels) + skip] + 1e-12)
    return smooth


def _bring(track: FloatArray, from_db: float, to_db: float) -> None:
    gain = np.float32(10 ** ((to_db - from_db) / 20))
    for piece in stored.pieces(len(track), 4):
        track[piece] *= gain
