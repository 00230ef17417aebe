"""Find when the words of a transcript are said."""

from argparse import ArgumentParser, Namespace

from .common import options as common
from .common.answer import Answer

NAME, HELP = "words", "find when the words and phones of a transcript are said"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("sound_a", type=common.path, metavar="A.wav", help="the sound, or A's")
    parser.add_argument("sound_b", type=common.path, metavar="B.wav", nargs="?", help="B's sound")
    parser.add_argument(
        "--transcript",
        type=common.path,
        metavar="T.txt",
        help='what is said: .txt with a line a person ("Anna: Hello."), or .srt; without it a '
        "recogniser is asked (pocketsphinx, if it is installed)",
    )
    parser.add_argument(
        "--speaker", choices=("A", "B"), default="A", help="who says lines without a name"
    )
    common.add_device(parser)


def run(options: Namespace) -> Answer:
    """Read the transcript, and align it."""
    import numpy as np

    from ..console import complain, step
    from ..core.conversation.waveform import tracks
    from ..core.speech import transcript
    from ..core.speech.words import to_json
    from ..inference.audio import read_channels
    from ..inference.speech import recognising
    from ..inference.speech.finding import find_words

    lines = [] if options.transcript is None else transcript.read(options.transcript)
    sounds = [sound for sound in (options.sound_a, options.sound_b) if sound is not None]
    channels = [read_channels(sound) for sound in sounds]
    rows = tracks(channels, len(channels) == 1 and len(channels[0]) != 2, False)
    assert rows is not None  # one track, two channels or two files
    rows = np.ascontiguousarray(rows)
    if not lines:
        with step("Recognising") as report:
            lines = recognising.recognise(rows, report)
    with step("Finding the words") as report:
        found = find_words(rows, lines, options.speaker, report, options.device)
    for note in found.notes:
        complain(note)
    facts = {name: to_json(words) for name, words in zip("AB", found.words, strict=True)}
    every = [(w, name) for name, words in zip("AB", found.words, strict=True) for w in words]
    return Answer(
        facts | {"notes": list(found.notes)},
        [
            f"{w.start_s:8.2f} {w.end_s:8.2f}  {name}  {w.text}"
            for w, name in sorted(every, key=lambda pair: pair[0].start_s)
        ],
    )
