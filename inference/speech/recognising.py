"""What is said, as a recogniser hears it, where one is installed: pocketsphinx, English.

It errs often: what it gives is a draft to correct, not a transcript to trust.
"""

import importlib.util
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.conversation import turns
from ...core.conversation.dialogue import FRAME_SAMPLES, SAMPLE_RATE
from ...core.errors import InputError
from ...core.motion import NETWORK_FPS
from ...core.progress import Report, silent
from ...core.speech.transcript import Line

FloatArray = NDArray[np.float32]
_PACKAGE = "pocketsphinx"
#: Pauses that are shorter do not part what is heard as one, and no piece is longer, seconds.
_PAUSE_S, _LONGEST_S = 0.6, 20.0
#: Sound before and after a piece, seconds.
_ROOM_S = 0.2
_FILLERS = ("<", "[", "++")


def is_there() -> bool:
    """Tell whether a recogniser is installed in this Python."""
    return importlib.util.find_spec(_PACKAGE) is not None


def recognise(tracks: FloatArray, report: Report = silent) -> list[Line]:
    """Return what both say, a line for each stretch of speech.

    Args:
        tracks: (2, n_samples) of A and B, 16 kHz.
        report: told how far it is.

    Raises:
        InputError: there is no recogniser, or only one track with both voices, or nobody speaks.
        CancelledError: `report` asked for it.
    """
    if len(tracks) != 2:
        raise InputError("Words are recognised in a track for each person: give a transcript.")
    if not is_there():
        raise InputError(
            f"There is no recogniser in the network's Python: install {_PACKAGE} into it, or give "
            "a transcript."
        )
    import pocketsphinx

    decoder = pocketsphinx.Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")
    talks = turns.speaking(tracks)
    pieces = [(row, *span) for row in (0, 1) for span in _pieces(talks[row])]
    lines = []
    for index, (row, first, end) in enumerate(pieces):
        report(index / len(pieces), f"recognising, piece {index + 1} of {len(pieces)}")
        room = round(_ROOM_S * NETWORK_FPS)
        begin, stop = max(0, first - room) * FRAME_SAMPLES, (end + room) * FRAME_SAMPLES
        text = _heard(decoder, tracks[row, begin:stop])
        if text:
            lines.append(Line(text, "AB"[row], first / NETWORK_FPS, end / NETWORK_FPS))
    if not lines:
        raise InputError("No words were recognised: give a transcript.")
    return sorted(lines, key=lambda line: line.start_s or 0.0)


def _pieces(talks: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return stretches of speech, first frame and the frame after the last."""
    longest = round(_LONGEST_S * NETWORK_FPS)
    joined: list[tuple[int, int]] = []
    for first, end in turns.spans(talks):
        is_near = bool(joined) and first - joined[-1][1] < _PAUSE_S * NETWORK_FPS
        if is_near and end - joined[-1][0] <= longest:
            joined[-1] = (joined[-1][0], end)
        else:
            joined += [(at, min(at + longest, end)) for at in range(first, end, longest)]
    return joined


def _heard(decoder: Any, sound: FloatArray) -> str:
    decoder.start_utt()
    pcm = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    decoder.process_raw(pcm, no_search=False, full_utt=True)
    decoder.end_utt()
    words = (segment.word.split("(")[0] for segment in decoder.seg() or ())
    return " ".join(word for word in words if word and not word.startswith(_FILLERS))
