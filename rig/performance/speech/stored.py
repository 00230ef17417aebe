"""Words and phones as they are kept with a character, and saved with its file."""

import base64
import hashlib
import json

import bpy
import numpy as np
from numpy.typing import NDArray

from ....core.damage import DAMAGE
from ....core.speech.heard import Heard
from ....core.speech.words import Phone, SpokenWord, Words, from_json, phones_of, to_json


def words_of(armature: bpy.types.Object) -> Words:
    """Return what a character says."""
    says = armature.dualtalk.says
    phones = [Phone(phone.name, phone.start, phone.end) for phone in says.phones]
    found, first = [], 0
    for word in says.words:
        own = tuple(phones[first : first + word.n_phones])
        first += word.n_phones
        if own:  # a script may have taken phones away
            found.append(SpokenWord(word.name, own, word.fit))
    return tuple(found)


def keep(armature: bpy.types.Object, words: Words) -> None:
    """Let a character say these words."""
    says = armature.dualtalk.says
    says.words.clear()
    says.phones.clear()
    for word in words:
        made = says.words.add()
        made.name, made.n_phones, made.fit = word.text, len(word.phones), word.fit
    for phone in phones_of(words):
        row = says.phones.add()
        row.name, row.start, row.end = phone.name, phone.start_s, phone.end_s
    said = json.dumps(to_json(words)).encode()
    says.mark = hashlib.blake2b(said, digest_size=8).hexdigest()


def aligned_of(armature: bpy.types.Object) -> Words:
    """Return what was found before anybody corrected it; nothing where that is not known."""
    try:
        return from_json(json.loads(armature.dualtalk.says.aligned or "[]"))
    except DAMAGE:
        return ()


def keep_aligned(armature: bpy.types.Object, words: Words, heard: Heard) -> None:
    """Note what was found, and in what it was heard."""
    armature.dualtalk.says.aligned = json.dumps(to_json(words))
    armature.dualtalk.says.heard = heard.to_text()


def heard_of(armature: bpy.types.Object) -> Heard:
    """Return what a character's words were heard in."""
    return Heard.from_text(armature.dualtalk.says.heard)


def peaks_of(armature: bpy.types.Object) -> NDArray[np.uint8]:
    """Return how loud a character's voice is, (n,) at `core.speech.words.PEAK_FPS`."""
    try:
        packed = base64.b64decode(armature.dualtalk.says.peaks)
    except ValueError:  # not ours
        packed = b""
    return np.frombuffer(packed, np.uint8)


def keep_peaks(armature: bpy.types.Object, peaks: NDArray[np.uint8]) -> None:
    """Note how loud a character's voice is."""
    armature.dualtalk.says.peaks = base64.b64encode(peaks.tobytes()).decode("ascii")
