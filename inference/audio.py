"""Sound files in, a dialogue at 16 kHz out.

Files are read, mixed and resampled block by block: what stays in memory is the 16 kHz track alone.
"""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from scipy.signal import lfilter

from ..core import stored
from ..core.conversation import cues
from ..core.conversation.dialogue import SAMPLE_RATE, Dialogue
from ..core.damage import DAMAGE, short
from ..core.errors import InputError
from . import media
from .sound_header import check, cut_note

FloatArray = NDArray[np.float32]

_BLOCK_FRAMES = 1 << 18
#: A file of one chunk or two that is longer than this is more than its header.
_HEADER_BYTES = 512
#: A mean above this is an offset (-54 dB of full scale), of at least a second; and what a filter of
#: 10 Hz keeps of the last sample.
_OFFSET, _KEEPS = 0.002, 1 - 2 * math.pi * 10 / SAMPLE_RATE
_FORMATS = "wav, flac, ogg or mp3"
#: What libsndfile refuses of these is damaged, and other readers would guess.
_SNDFILE_MARKS = (b"RIFF", b"RF64", b"riff", b"FORM", b"fLaC", b"OggS", b".snd")
_SNDFILE_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff", ".w64", ".rf64", ".au")


def read_dialogue(first: Path, second: Path | None = None) -> Dialogue:
    """Read a conversation from two files, a speaker each, or from the two channels of one.

    Any format, rate and depth that libsndfile or FFmpeg (`media`) reads. Of two files each is mixed
    to mono; the shorter one is padded with silence, which `Dialogue.notes` says.

    Raises:
        InputError: a file is missing, is no sound, holds no samples or samples that are not
            finite, or a single file is not stereo.
    """
    if second is None:
        channels = read_channels(first)
        if len(channels) != 2:
            n_sounds = _n_sounds(first)
            several = f"{n_sounds} sound tracks, of which the first has " if n_sounds > 1 else ""
            raise InputError(
                f"{first} has {several}{_channels(len(channels))}: give a stereo file with one "
                "speaker per channel, or two files; if both voices are in it, choose One Mixed "
                "Recording (--mixed)."
            )
        return Dialogue(channels, file_notes(first))
    tracks = [read_track(first), read_track(second)]
    lengths = [len(track) for track in tracks]
    notes = [*file_notes(first), *file_notes(second)]
    if lengths[0] != lengths[1]:
        shorter, seconds = (first, second)[int(np.argmin(lengths))], np.ptp(lengths) / SAMPLE_RATE
        notes.append(f"{shorter.name} is {seconds:.2f} s shorter: silence was added at its end.")
    both = stored.zeros((2, max(lengths)))  # (2, n_samples)
    for row, track in zip(both, tracks, strict=True):
        for piece in stored.pieces(len(track), 8):
            row[piece] = track[piece]
    return Dialogue(both, tuple(notes))


def read_track(path: Path) -> FloatArray:
    """Return a sound file as (n_samples,) float32, 16 kHz (`mono`).

    Raises:
        InputError: as for `read_dialogue`.
    """
    return mono(read_channels(path))


def mono(channels: FloatArray) -> FloatArray:
    """Return channels (n_channels, n_samples) as one: their mean, or the first of opposite ones."""
    if len(channels) == 1 or is_opposite(channels):
        first: FloatArray = channels[0]
        return first
    mean: FloatArray = stored.zeros(channels.shape[1:])
    for piece in stored.pieces(channels.shape[1], 4 * len(channels)):
        channels[:, piece].mean(axis=0, out=mean[piece])
    return mean


def is_opposite(channels: FloatArray) -> bool:
    """Tell whether two channels (2, n_samples) are of opposite phase: their mean is all but silent.

    More than 20 dB would be lost.
    """
    if len(channels) != 2:
        return False
    kept = first = 0.0
    for piece in stored.pieces(channels.shape[1], 8):
        one, other = channels[:, piece]
        kept += float(np.square(one + other, dtype=np.float64).sum())
        first += float(np.vdot(one, one))
    return math.sqrt(kept) / 2 < 0.1 * math.sqrt(first)


def read_channels(path: Path) -> FloatArray:
    """Return every channel of a file, (n_channels, n_samples) at 16 kHz.

    Raises:
        InputError: as for `read_dialogue`.
    """
    if cues.is_sheet(path):
        return _of_sheet(cues.CueSheet.load(path))
    read, n_channels = stored.Growing(), 1
    for block in _blocks_of(path):  # (n_samples, n_channels)
        if not np.isfinite(block).all():
            raise InputError(
                f"{path} holds samples that are not numbers (NaN or infinite): export the sound "
                "again."
            )
        n_channels = block.shape[1]
        read.add(block)
    channels = read.result(n_channels)
    if channels.shape[1] == 0:
        raise InputError(f"{path} holds no sound: choose a file with at least one sample.")
    _take_offset_away(channels)
    return channels


def file_notes(path: Path) -> tuple[str, ...]:
    """Return what is odd about a file that can be read, a line each.

    Raises:
        InputError: as for `read_dialogue`.
    """
    n_sounds = _n_sounds(path)
    several = (
        f"{path.name} holds {n_sounds} sound tracks, and only the first is heard, in Blender too: "
        "if the voice is in another save that as a file of its own."
    )
    return tuple(filter(None, (cut_note(path), several if n_sounds > 1 else "")))


def _n_sounds(path: Path) -> int:
    if cues.is_sheet(path):
        return 1
    try:
        with _opened(path):
            return 1
    except _UnknownError:
        return media.n_sounds(path)


def _take_offset_away(channels: FloatArray) -> None:
    """Let channels (n_channels, n_samples) swing about zero that swing about something else.

    A constant is no sound, but would count as one wherever loudness is measured. It is filtered
    out, not subtracted: where a file is silent in parts it has none.
    """
    if channels.shape[1] < SAMPLE_RATE:
        return
    for channel in channels:
        total = sum(float(channel[piece].sum(dtype=np.float64)) for piece in _pieces(channel))
        if abs(total) / len(channel) < _OFFSET:
            continue
        state = -channel[:1].astype(np.float64)
        for piece in _pieces(channel):
            channel[piece], state = lfilter([1.0, -1.0], [1.0, -_KEEPS], channel[piece], zi=state)


def _pieces(channel: FloatArray) -> Iterator[slice]:
    return stored.pieces(len(channel), 24)


def duration_s(path: Path) -> float:
    """Return how long a file says it is, seconds; nothing of its sound is read.

    Raises:
        InputError: it is missing, is no sound, or says what cannot be.
    """
    if cues.is_sheet(path):
        return cues.CueSheet.load(path).length_s
    try:
        with _opened(path) as file:
            return float(file.frames / file.samplerate)
    except _UnknownError:
        return media.duration_s(path)


def _of_sheet(sheet: cues.CueSheet) -> FloatArray:
    """Lay the pieces of a cue sheet into silence, (1, n_samples) at 16 kHz."""
    n_samples = max(1, round(sheet.length_s * SAMPLE_RATE))
    track = stored.zeros((1, n_samples))
    for path in dict.fromkeys(cue.path for cue in sheet.cues):
        if cues.is_sheet(path):
            raise InputError(f"{path} is a cue sheet in another one: gather the voices again.")
        sound = read_track(path)
        for cue in (cue for cue in sheet.cues if cue.path == path):
            at = round(cue.at_s * SAMPLE_RATE)
            piece = _piece(sound, cue)[: n_samples - at]
            track[0, at : at + len(piece)] += np.float32(cue.gain) * piece
    return track


def _piece(sound: FloatArray, cue: cues.Cue) -> FloatArray:
    """Cut a cue out of its file, (n_samples,), as slow or fast as it is played."""
    begin, n = round(cue.from_s * SAMPLE_RATE), round(cue.length_s * cue.speed * SAMPLE_RATE)
    piece: FloatArray = sound[begin : begin + n]
    if cue.speed != 1.0 and len(piece):
        piece = soxr.resample(piece, cue.speed * SAMPLE_RATE, SAMPLE_RATE)
    return piece


class _UnknownError(Exception):
    """A file is of a kind that libsndfile does not know."""


def _blocks_of(path: Path) -> Iterator[FloatArray]:
    """Read a file by libsndfile, or by FFmpeg if it is of a kind that libsndfile does not know."""
    try:
        with _opened(path) as file:
            yield from _resampled_blocks(file)
    except _UnknownError:
        yield from media.read_blocks(path)


@contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    """Open a sound whose header asks for nothing that cannot be.

    Raises:
        InputError: as for `read_dialogue`.
        _UnknownError: libsndfile does not know what the file is.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist.")
    try:
        with soundfile.SoundFile(_name_of(path)) as file:
            check(path, file.samplerate, file.channels, file.frames)
            if file.frames == 0 and _has_unsaid_sound(path):
                raise _UnknownError
            yield file
    except soundfile.LibsndfileError as error:
        if path.suffix.lower() not in _SNDFILE_SUFFIXES or _is_named_wrongly(path):
            raise _UnknownError from error
        reason = short(error.error_string.rstrip("."))
        raise InputError(f"{path} cannot be read as sound ({reason}): use {_FORMATS}.") from error
    except InputError:
        raise
    except DAMAGE as error:
        raise InputError(
            f"{path} cannot be read as sound ({short(error)}): use {_FORMATS}."
        ) from error


def _is_named_wrongly(path: Path) -> bool:
    """Tell whether a file holds another kind of sound than its name says, which FFmpeg may know."""
    with open(path, "rb") as file:
        return media.is_there() and not file.read(4).startswith(_SNDFILE_MARKS)


def _has_unsaid_sound(path: Path) -> bool:
    """Tell whether there may be more than the header says, of a recorder that never finished it.

    FFmpeg reads such a sound to the end of its file.
    """
    return media.is_there() and path.stat().st_size > _HEADER_BYTES


def _resampled_blocks(file: soundfile.SoundFile) -> Iterator[FloatArray]:
    """Yield (n_samples, n_channels) blocks of a file at 16 kHz."""
    stream = None
    if file.samplerate != SAMPLE_RATE:
        stream = soxr.ResampleStream(
            file.samplerate, SAMPLE_RATE, file.channels, dtype="float32", quality="HQ"
        )
    while True:
        block = file.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)
        at_end = len(block) < _BLOCK_FRAMES
        yield block if stream is None else stream.resample_chunk(block, last=at_end)
        if at_end:
            return


def _name_of(path: Path) -> str | bytes:
    """Return a file's name as libsndfile takes it, which outside of Windows need not be text."""
    return str(path) if os.name == "nt" else os.fsencode(path)


def _channels(count: int) -> str:
    return "one channel" if count == 1 else f"{count} channels"
