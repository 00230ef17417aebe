"""Real conversation with words: stretches of meetings in which one person speaks.

`conversations.tsv` has a stretch a line: recording, start and end in seconds, person, words. The
recordings (../shared/conversations) are of the AMI corpus (Carletta 2007), CC BY 4.0; who speaks
when is theirs. Moonshine tiny recognised the words (MIT, `moonshine-voice` 0.0.49); they were put
right by sense, and stretches without sense left out. Nobody listened.
"""

from pathlib import Path

import soundfile
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.training.speech import recogniser
from dualtalk.training.speech.phones import Utterance

_PATH = Path(__file__).parent / "conversations.tsv"


def labelled(folder: Path) -> list[Utterance]:
    """Find when each phone of every stretch is said; each person is a voice."""
    found = []
    for line in _PATH.read_text().splitlines():
        name, start, end, person, text = line.split("\t")
        sound, _ = soundfile.read(folder / f"{name}.flac", dtype="float32")
        cut = sound[int(float(start) * SAMPLE_RATE) : int(float(end) * SAMPLE_RATE)]
        utterance = recogniser.align(cut, text, person)
        if utterance is not None:
            found.append(utterance)
    return found
