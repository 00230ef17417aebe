"""Words that were heard in another sound, or in turns that have been changed since."""

import time
from pathlib import Path

import bpy

from ....core.speakers import LETTERS, SPEAKERS
from ....core.speech import heard
from ....core.speech.heard import Heard
from ...characters import heads
from .. import turn_strips
from . import stored

#: Panels and rows ask at every drawing; files and strips are looked at again after so long.
_ASKED_AGAIN_S = 1.0

#: What was found last, when, for what: by scene and speaker.
_known: dict[tuple[int, int], tuple[float, object, frozenset[int]]] = {}
#: Fingerprints of files, by path, time of change and size.
_prints: dict[tuple[str, int, int], str] = {}


def heard_now(scene: bpy.types.Scene, speaker: int) -> Heard:
    """Return what a speaker's words would be heard in if they were aligned now."""
    settings = scene.dualtalk
    is_mixed = settings.mode == "MIXED"
    path = settings.sound_b if settings.mode == "TRACKS" and speaker == 2 else settings.sound_a
    sound = _fingerprint(path) if path else ""
    if sound and settings.mode == "STEREO":
        sound += f" channel {2 - (speaker + settings.swaps_voices) % 2}"
    spans = turn_strips.spans_s(scene, settings.turns_start) if is_mixed else None
    return Heard(sound, None if spans is None else spans[speaker - 1])


def words(scene: bpy.types.Scene, speaker: int) -> frozenset[int]:
    """Return which words of a speaker are of another sound or turn by now."""
    character = heads.find(scene, speaker)
    if character is None or not len(character.armature.dualtalk.says.words):
        return frozenset()
    settings, says = scene.dualtalk, character.armature.dualtalk.says
    asked = (says.mark, says.heard, settings.mode, settings.sound_a, settings.sound_b,
             settings.swaps_voices)  # fmt: skip
    key, now = (scene.session_uid, speaker), time.monotonic()
    if key in _known and not bpy.app.background:
        at, of, found = _known[key]
        if of == asked and now - at < _ASKED_AGAIN_S:
            return found
    then, today = stored.heard_of(character.armature), heard_now(scene, speaker)
    is_same = then == today
    said = () if is_same else stored.words_of(character.armature)
    found = heard.outdated(said, then, today)
    _known[key] = (now, asked, found)
    return found


def words_problem(scene: bpy.types.Scene) -> str:
    """Return what is to be said of words that are out of date, or nothing."""
    whole, some = [], []
    for speaker in SPEAKERS:
        found = words(scene, speaker)
        if not found:
            continue
        character = heads.find(scene, speaker)
        letter = LETTERS[speaker - 1]
        if character is not None and len(found) == len(character.armature.dualtalk.says.words):
            whole.append(letter)
        else:
            some.append(f"{len(found)} of {letter}")
    if whole:
        return f"The words of {' and '.join(whole)} are of another sound or turns: match them anew."
    return f"Turns have changed under words ({', '.join(some)}): match them anew." if some else ""


def _fingerprint(path: str) -> str:
    """Return the fingerprint of a file, read anew only when it has changed."""
    file = Path(bpy.path.abspath(path))
    try:
        stat = file.stat()
    except OSError:
        return ""
    key = (str(file), stat.st_mtime_ns, stat.st_size)
    if key not in _prints:
        _prints[key] = heard.fingerprint(file)
    return _prints[key]
