"""A worker that finds out who speaks when in one mixed recording."""

from pathlib import Path

from ...core.errors import DualTalkError
from ...core.jobs.requests import REQUEST_FILE, TURNS_FILE, TurnsRequest, write_json, write_turns
from ...core.progress import part_of
from . import protocol


def main(arguments: list[str]) -> int:
    """Do the `TurnsRequest` in a job's folder."""
    folder = Path(arguments[0])
    return protocol.serve(lambda: run(TurnsRequest.read(folder / REQUEST_FILE), folder))


def run(request: TurnsRequest, folder: Path) -> None:
    """Hear who speaks when and write it into the folder.

    Raises:
        DualTalkError: as reading and hearing do; its step of the work is the dialogue.
    """
    protocol.report(0.0, "loading the network")
    from ..sound_checks import read_checked_track
    from ..turn_taking.finding import find_turns, voice_of

    try:
        track, odd = read_checked_track(Path(request.sound))
        voice = voice_of(request.voice_a) if request.voice_a else None
        found = find_turns(track, voice, part_of(protocol.report, 0.1, 1.0), request.n_people)
    except DualTalkError as error:
        error.stage = "dialogue"
        raise
    notes = (*odd, *found.notes)
    for note in notes:
        protocol.note(note)
    write_turns(folder / TURNS_FILE, found.probability)
    counted = {"n_voices": found.n_voices, "sureness": found.sureness}
    write_json(folder, {"notes": notes, **counted})
