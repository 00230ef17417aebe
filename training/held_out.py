"""The people whom nothing here is trained on: one list for every network and every measurement.

Of LibriSpeech's readers (../shared/speech) every eighth recording in the order of the names is held
out, 32 of 251. Variants of a network are compared on readers who are neither trained on nor
reported, 16 of the others; what is reported is measured once, when the choice is made.
"""

from collections.abc import Sequence
from typing import TypeVar

#: One recording in so many is held out.
EVERY = 8
#: Of the conversations (../shared/conversations, clips) those that begin so.
CONVERSATIONS = ("dev01", "clip")
#: One in so many is for choosing, from this place on.
_CHOOSING_EVERY, _CHOOSING_FIRST = 16, 4

Recording = TypeVar("Recording")


def held_out(recordings: Sequence[Recording]) -> list[Recording]:
    """Return who is held out, given all recordings in the order of their names."""
    return list(recordings[::EVERY])


def for_choosing(recordings: Sequence[Recording]) -> list[Recording]:
    """Return whom variants are compared on, given all recordings in the order of their names."""
    return list(recordings[_CHOOSING_FIRST::_CHOOSING_EVERY])


def for_training(recordings: Sequence[Recording]) -> list[Recording]:
    """Return everybody else, given all recordings in the order of their names."""
    kept = range(len(recordings))
    apart = {*held_out(kept), *for_choosing(kept)}
    return [recordings[index] for index in kept if index not in apart]
