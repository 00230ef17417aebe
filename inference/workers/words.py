"""A worker that finds when the words of a transcript are said."""

from pathlib import Path

from ...core.errors import InputError
from ...core.jobs.words import WordsRequest, write
from ...core.progress import part_of
from . import protocol


def run(request: WordsRequest, folder: Path) -> None:
    """Align the transcript to the sounds, and write words and loudness into the folder.

    Raises:
        DualTalkError: as reading and listening do; its step of the work is the words.
    """
    protocol.report(0.0, "loading the network")
    with protocol.stage("words"):
        import numpy as np

        from ...core.conversation.waveform import tracks
        from ..audio import read_channels
        from ..speech import recognising
        from ..speech.finding import find_words

        channels = [read_channels(sound) for sound in request.sounds]
        rows = tracks(channels, request.is_mixed, request.swaps_voices)
        if rows is None:
            raise InputError(
                f"{request.sound_a} is not stereo: choose two files, or One Mixed Recording."
            )
        rows = np.ascontiguousarray(rows)
        lines = request.transcript
        if not lines:
            lines = recognising.recognise(rows, part_of(protocol.report, 0.0, 0.7))
        found = find_words(
            rows,
            lines,
            request.speaker,
            part_of(protocol.report, 0.7 if not request.lines else 0.1, 1.0),
            request.device,  # type: ignore[arg-type]
        )
        for note in found.notes:
            protocol.note(note)
        write(folder, found)
