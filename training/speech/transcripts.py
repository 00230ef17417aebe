"""What the readers of LibriSpeech say: `transcripts.tsv`, a recording and its words a line.

Two recognisers wrote the words down: pocketsphinx and Moonshine tiny (MIT, `moonshine-voice`
0.0.49). Where they differ both were read, and the words put right by sense and by the wording of
the public-domain books, before any network was measured by them. Nobody listened: some are still
wrong, names above all.
"""

from pathlib import Path

_PATH = Path(__file__).parent / "transcripts.tsv"


def load() -> dict[str, str]:
    """Return the words of each recording by the stem of its file."""
    return dict(line.split("\t") for line in _PATH.read_text().splitlines())
