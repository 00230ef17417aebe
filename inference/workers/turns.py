"""A worker that finds out who speaks when in one mixed recording."""

from pathlib import Path

from ...core.jobs.requests import TURNS_FILE, TurnsRequest
from ...core.jobs.results import write_json, write_turns
from ...core.progress import part_of
from . import protocol


def run(request: TurnsRequest, folder: Path) -> None:
    """Hear who speaks when and write it into the folder.

    Raises:
        DualTalkError: as reading and hearing do; its step of the work is the dialogue.
    """
    protocol.report(0.0, "loading the network")
    with protocol.stage("dialogue"):
        from ..sound_checks import read_checked_track
        from ..turn_taking.finding import find_turns, voice_of

        track, odd = read_checked_track(Path(request.sound))
        voice = voice_of(request.voice_a) if request.voice_a else None
        found = find_turns(
            track,
            voice,
            part_of(protocol.report, 0.1, 1.0),
            request.n_people,
            device=request.device,  # type: ignore[arg-type]
        )
        notes = (*odd, *found.notes)
        for note in notes:
            protocol.note(note)
        write_turns(folder / TURNS_FILE, found.probability)
        counted = {"n_voices": found.n_voices, "sureness": found.sureness}
        write_json(folder, {"notes": notes, **counted})
