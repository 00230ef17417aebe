"""Sounds that cannot work, or not well, named with the remedy: notes for the user, never errors."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core import stored
from ..core.conversation.dialogue import FRAME_SAMPLES, Dialogue
from . import language
from .audio import file_notes, is_opposite, mono, read_channels, read_dialogue
from .speech import level

#: Two tracks that follow each other this closely (correlation) are one sound.
_SAME = 0.97
#: Loud parts below this are no speech that any microphone meant, dB of full scale.
_QUIET_DB = -55.0
#: A voice that is heard in the other's track above this moves the other's lips, dB.
_BLEED_DB = -15.0
#: One is alone where they are this much louder than the other, dB, and loud at all.
_ALONE_DB, _LOUD_DB = 2.0, 25.0
#: Samples of the windows in which bleeding is measured (64 ms: it may come 30 ms late), and the
#: fewest of them that tell.
_BLEED_WINDOW, _FEWEST_WINDOWS = 1024, 40

#: What a head does whose track is silent.
_LISTENS = "that head only listens"

FloatArray = NDArray[np.float32]


def read_checked(first: Path, second: Path | None = None) -> Dialogue:
    """Read a conversation as `audio.read_dialogue` does, with notes on what cannot work in it.

    Quiet speech is as loud as other speech then (`speech.level`).

    Raises:
        InputError: as for `audio.read_dialogue`.
        CheckpointError: the network that hears speech is missing or damaged.
    """
    dialogue = read_dialogue(first, second)
    files = [] if second is None else [_phase_note(path) for path in (first, second)]
    return checked(replace(dialogue, notes=(*dialogue.notes, *filter(None, files))))


def checked(dialogue: Dialogue) -> Dialogue:
    """Add to a conversation notes on what cannot work in it, and level it by who speaks in it.

    Raises:
        CheckpointError: the network that hears speech is missing or damaged.
    """
    own_db = level.own_levels_db(dialogue.tracks)
    levelled = level.levelled(dialogue, own_db)
    quiet = [
        "" if own == -np.inf else _quiet_note(f"{name}'s track", _LISTENS, track, own)
        for name, track, own in zip("AB", dialogue.tracks, own_db, strict=True)
    ]
    notes = filter(None, (*quiet, *_of_tracks(levelled.tracks, quiet, own_db)))
    return replace(levelled, notes=(*dialogue.notes, *notes))


def read_checked_track(path: Path) -> tuple[FloatArray, tuple[str, ...]]:
    """Read one recording as `audio.read_track` does, with notes on what cannot work in it.

    Quiet speech is as loud as other speech then.

    Raises:
        InputError: as for `audio.read_track`.
    """
    channels = read_channels(path)
    track = mono(channels)
    phase = _opposite_channels(path) if is_opposite(channels) else ""
    quiet = _quiet_note("The recording", "both only listen", track)
    return level.raised(track), tuple(filter(None, (*file_notes(path), phase, quiet)))


def _of_tracks(tracks: FloatArray, quiet: Sequence[str], own_db: level.OwnLevels) -> Iterator[str]:
    """Yield what is wrong with levelled tracks (2, n_samples), of which some are quiet."""
    same = correlation(*tracks)
    if abs(same) > _SAME:
        phase = " turned over" if same < 0 else ""
        yield (
            f"Both tracks are the same sound{phase}: both heads would say everything. If it holds "
            "both voices choose One Mixed Recording (--mixed); else give each speaker's own track."
        )
        return
    is_through = [own == -np.inf for own in own_db]
    if not any(quiet) and not any(is_through):
        yield from (_bleed_note("A", "B", *tracks), _bleed_note("B", "A", *tracks[::-1]))
    for name, other, track, told, through in zip(
        "AB", "BA", tracks, quiet, is_through, strict=True
    ):
        if told:
            continue
        if through:
            yield (
                f"In {name}'s track only {other}'s voice is heard, through the microphone: that "
                f"head only listens. If {name} speaks choose the track that holds it."
            )
        elif not level.has_speech(track):
            yield (
                f"No speech is heard in {name}'s track, only music or noise: the lips may move to "
                "it. Choose the track of a voice, or a silent one."
            )
        else:
            yield language_note(f"{name}'s track", track)


def correlation(one: FloatArray, other: FloatArray) -> float:
    """Return how closely two tracks (n_samples,) follow each other, -1 to 1; silence does not."""
    sums = np.zeros(3)
    for piece in stored.pieces(len(one), 8):
        a, b = one[piece], other[piece]
        sums += float(np.vdot(a, b)), float(np.vdot(a, a)), float(np.vdot(b, b))
    size = float(np.sqrt(sums[1] * sums[2]))
    return float(sums[0]) / size if size > 0 else 0.0


def bleed_db(voice: FloatArray, other: FloatArray) -> float:
    """Return how loud a voice is heard in the other's track, dB of its level in its own.

    Where the voice is alone, what of the other track follows it (their cross spectrum: Bendat &
    Piersol, Random Data, section 6.1) is the voice through the other microphone, however delayed
    and coloured. Minus infinity if it is alone too seldom to tell.
    """
    n = len(voice) // _BLEED_WINDOW * _BLEED_WINDOW
    powers = [frame_powers(track[:n], _BLEED_WINDOW) for track in (voice, other)]
    levels = [10 * np.log10(power + 1e-12) for power in powers]
    is_alone = levels[0] > levels[1] + _ALONE_DB
    is_alone &= levels[0] > levels[0].max(initial=-120.0) - _LOUD_DB
    if is_alone.sum() < _FEWEST_WINDOWS:
        return -np.inf
    taper = np.hanning(_BLEED_WINDOW)
    n_bins = _BLEED_WINDOW // 2 + 1
    crossed, power = np.zeros(n_bins, complex), np.zeros((2, n_bins))
    for piece in stored.pieces(n, 16, _BLEED_WINDOW):
        here = is_alone[piece.start // _BLEED_WINDOW : piece.stop // _BLEED_WINDOW]
        spectra = [
            np.fft.rfft(track[piece].reshape(-1, _BLEED_WINDOW)[here] * taper, axis=1)
            for track in (voice, other)
        ]
        crossed += (spectra[0].conj() * spectra[1]).sum(axis=0)
        power += [np.square(np.abs(spectrum)).sum(axis=0) for spectrum in spectra]
    across = np.abs(crossed) ** 2
    # What follows by chance is one share in as many as there are windows.
    chance = power[0] * power[1] / is_alone.sum()
    heard = np.maximum(across - chance, 0) / (power[0] + 1e-12)
    return float(10 * np.log10(heard.sum() / power[0].sum() + 1e-12))


def frame_powers(track: FloatArray, n_samples: int) -> NDArray[np.float64]:
    """Return the mean square of each whole frame of a track, (n_frames,)."""
    n = len(track) // n_samples * n_samples
    found = np.zeros(n // n_samples)
    for piece in stored.pieces(n, 8, n_samples):
        frames = track[piece].reshape(-1, n_samples)
        found[piece.start // n_samples : piece.stop // n_samples] = np.square(
            frames, dtype=np.float64
        ).mean(axis=1)
    return found


def language_note(what: str, track: FloatArray) -> str:
    """Return a line if a track (n_samples,) does not sound like English, else nothing."""
    score = language.foreignness(track)
    if score is None or score <= 0:
        return ""
    return (
        f"{what} sounds like another language than English, which lips learned from: they are less "
        "sure. Look at the closures of p, b and m, and close lips by hand where one is missed."
    )


def _bleed_note(name: str, other: str, voice: FloatArray, track: FloatArray) -> str:
    level_db = bleed_db(voice, track)
    if level_db < _BLEED_DB:
        return ""
    return (
        f"{name}'s voice is in {other}'s track too, at {level_db:.0f} dB: {other}'s lips may move "
        f"with it. Clean the tracks (a gate, or a tool against cross-talk), or give their mix as "
        "One Mixed Recording (--mixed)."
    )


def _quiet_note(what: str, then: str, track: FloatArray, own_db: float | None = None) -> str:
    if len(track) < FRAME_SAMPLES:
        track = np.resize(track, FRAME_SAMPLES)
    loud = float(np.percentile(frame_powers(track, FRAME_SAMPLES), 95))
    level_db = 10 * np.log10(loud + 1e-20)
    if own_db is not None and own_db > -np.inf:
        level_db = own_db  # who speaks seldom is silent by the track's loud parts
    if level_db > _QUIET_DB:
        return ""
    if loud == 0:
        return f"{what} is silent: {then}."
    return (
        f"{what} is very quiet ({level_db:.0f} dB of full scale, speech is above "
        f"{_QUIET_DB:.0f} dB): raise its level (normalise it), or choose another file."
    )


def _phase_note(path: Path) -> str:
    return _opposite_channels(path) if is_opposite(read_channels(path)) else ""


def _opposite_channels(path: Path) -> str:
    return (
        f"The channels of {path.name} are of opposite phase and would cancel each other: only the "
        "first is used. Turn one of them over in an editor of sound."
    )
