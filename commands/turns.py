"""Tell who speaks when in one mixed recording."""

import re
from argparse import ArgumentParser, Namespace

from .common import options as common
from .common.answer import Answer

NAME, HELP = "turns", "tell who speaks when in one mixed recording"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("sound", type=common.path, metavar="M.wav", help="a track with both voices")
    parser.add_argument(
        "--voice-a",
        metavar="CLIP.wav|START-END",
        help="some seconds of A's voice alone: a file, or where A speaks in M.wav (12.5-15)",
    )
    parser.add_argument(
        "--speakers", type=int, metavar="N", help="how many people speak (default: found out)"
    )
    common.add_device(parser)
    parser.add_argument(
        "--rttm", type=common.path, metavar="OUT.rttm", help="also write NIST's RTTM"
    )


def run(options: Namespace) -> Answer:
    """Hear it, and write the RTTM file."""
    from dataclasses import asdict

    from ..batch.making import make_folder
    from ..console import complain, step
    from ..core.files import check_target
    from ..core.formats import turn_files
    from ..inference.sound_checks import read_checked_track
    from ..inference.turn_taking.finding import find_turns, voice_of

    if options.rttm is not None:
        make_folder(options.rttm)
        check_target(options.rttm, [options.sound])
    sound, odd = read_checked_track(options.sound)
    voice = None if options.voice_a is None else voice_of(options.voice_a)
    with step("Hearing who speaks") as report:
        found = find_turns(sound, voice, report, options.speakers, device=options.device)
    utterances = found.utterances()
    if options.rttm is not None:
        turn_files.write(options.rttm, utterances, rttm_name(options.sound.stem))
    complain(f"{found.summary}.")
    notes = (*odd, *found.notes)
    for note in notes:
        complain(note)
    return Answer(
        {
            "utterances": [asdict(one) for one in utterances],
            "voices": found.n_voices,
            "sureness": found.sureness,
            "notes": list(notes),
        },
        [f"{one.start_s:8.2f} {one.end_s:8.2f}  {one.speaker}" for one in utterances],
    )


def rttm_name(stem: str) -> str:
    """Return a recording's name as one field of RTTM, whose fields white space parts."""
    printable = stem.encode("utf-8", "replace").decode("utf-8")
    return re.sub(r"[\s\x00-\x1f\x7f]+", "_", printable) or "recording"
