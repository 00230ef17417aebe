"""The first step of a shot: from its sound to the motion of both heads, kept in a folder.

Run in the console's own process, in a worker of a batch, or from inside Blender in the Python that
has the network's libraries (`python start.py batch.analysis FOLDER`).
"""

import json
import logging
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.conversation.turns import speaking
from ..core.directing.staging import PRESETS
from ..core.errors import DeviceError
from ..core.jobs.requests import GenerateRequest
from ..core.jobs.results import write_performance
from ..core.motion import Motion
from ..core.names import SPEAKERS
from ..core.performance import Performance
from ..core.progress import Report, part_of, silent
from .quality import Line, lines
from .shot import Shot

if TYPE_CHECKING:
    from ..inference.checkpoints import Checkpoint
    from ..inference.two_track.predict import PredictOptions

SHOT_FILE, ANALYSIS_FILE = "shot.json", "analysis.json"
_LIBRARIES = ("torch", "numpy", "scipy", "soundfile", "soxr", "safetensors")

#: Gives the network of a path; a worker keeps it from shot to shot.
Load = Callable[[Path | None], "Checkpoint"]


@dataclass(frozen=True)
class Analysis:
    """What was made of a shot's sound."""

    performance: Performance
    notes: tuple[str, ...]  #: for the user, a line each
    lines: tuple[Line, ...]  #: what both say, with what is doubtful about it
    made_with: dict[str, Any]  #: device, precision and versions
    direction: dict[str, Any] | None = None  #: what the shot's sentence asks for
    #: What motion files hold, where that is not the performance's: with what the rig's gaze does.
    whole_motions: tuple[Motion, Motion] | None = None

    @property
    def motions(self) -> tuple[Motion, Motion]:
        """What motion files hold."""
        return self.whole_motions or self.performance.motions


def load(path: Path | None) -> "Checkpoint":
    """Read a checkpoint, or the bundled one."""
    from ..inference import checkpoints

    return checkpoints.load(path or checkpoints.bundled_path())


def analyse(shot: Shot, report: Report = silent, load: Load = load) -> Analysis:
    """Predict both heads of a shot.

    Raises:
        DualTalkError: as reading, loading and predicting do.
    """
    report(0.0, "analysing")
    direction = _direction(shot.sentence) if shot.sentence else None
    try:
        if shot.mixed is not None:
            analysed = _of_recording(shot, report)
        elif shot.face_a is not None or shot.face_b is not None:
            analysed = _of_faces(shot, report, load)
        else:
            analysed = _of_tracks(shot, report, load)
    except RuntimeError as error:
        if "allocate" not in str(error) and "out of memory" not in str(error):
            raise
        raise DeviceError(
            "Memory ran out: run fewer shots at once, or choose the CPU as the device."
        ) from error
    return replace(analysed, direction=direction)


def keep(analysed: Analysis, folder: Path) -> None:
    """Write an analysis into a folder; where its `ANALYSIS_FILE` is, all is."""
    write_performance(folder, analysed.performance, analysed.notes)
    for speaker, motion in zip(SPEAKERS, analysed.whole_motions or (), strict=False):
        motion.save(folder / f"whole_{speaker}.npz")
    facts = {
        "lines": [asdict(line) for line in analysed.lines],
        "made_with": analysed.made_with,
        "direction": analysed.direction,
    }
    (folder / ANALYSIS_FILE).write_text(json.dumps(facts), encoding="utf-8")


def recall(shot: Shot, folder: Path) -> Analysis:
    """Read what `keep` wrote; raises OSError, ValueError or WorkerError if it is not whole."""
    sounds = [str(path) for path in _sounds(shot)]
    second = sounds[1] if len(sounds) > 1 else ""
    request = GenerateRequest(sounds[0], second, mixed=shot.mixed is not None)
    result = request.result(folder)
    facts = json.loads((folder / ANALYSIS_FILE).read_text(encoding="utf-8"))
    found = tuple(Line(**line) for line in facts["lines"])
    whole = [folder / f"whole_{speaker}.npz" for speaker in SPEAKERS]
    one, two = (Motion.load(path) if path.exists() else None for path in whole)
    return Analysis(
        result.performance,
        result.notes,
        found,
        facts["made_with"],
        facts["direction"],
        None if one is None or two is None else (one, two),
    )


def main(arguments: list[str]) -> int:
    """Do the shot in a folder, as a worker of Blender's."""
    from ..inference.workers import protocol

    folder = Path(arguments[0])

    def work() -> None:
        logging.getLogger("dualtalk").setLevel(logging.WARNING)  # whoever asked shows a bar
        values = json.loads((folder / SHOT_FILE).read_text(encoding="utf-8"))
        analysed = analyse(Shot.from_json(values), protocol.report)
        for note in analysed.notes:
            protocol.note(note)
        keep(analysed, folder)

    return protocol.follow(work)


def _of_tracks(shot: Shot, report: Report, load: Load) -> Analysis:
    from ..inference import devices
    from ..inference.sound_checks import read_checked
    from ..inference.two_track.predict import predict_with_cues

    dialogue = read_checked(*shot.sounds).shortened(shot.duration)
    report(0.05, "loading the network")
    checkpoint = load(shot.checkpoint)
    options = _options(shot)
    motions, cues = predict_with_cues(dialogue, checkpoint, options, part_of(report, 0.1, 1.0))
    who = speaking(dialogue.tracks)
    performance = Performance(motions, shot.sounds, who)
    found = lines(dialogue.tracks, who, motions, cues)
    device = devices.choose_or_fall_back(options.device).type
    return Analysis(performance, dialogue.notes, tuple(found), _made_with(device, shot.precision))


def _of_faces(shot: Shot, report: Report, load: Load) -> Analysis:
    from ..core.formats.captured import read as read_face
    from ..inference import devices
    from ..inference.sound_checks import read_checked
    from ..inference.two_track.captured import Face, perform

    dialogue = read_checked(*shot.sounds).shortened(shot.duration)
    first, second = (
        None if path is None else Face(read_face(path), name=path.name)
        for path in (shot.face_a, shot.face_b)
    )
    found = perform(
        dialogue,
        (first, second),
        lambda: load(shot.checkpoint),
        _options(shot),
        PRESETS[shot.staging or "interview"].staging,
        part_of(report, 0.1, 1.0),
    )
    motions = found.motions
    if shot.outputs.needs_scene:  # whose heads take ARKit's shapes
        from ..inference.postprocess.retarget import retargeted

        motions = (retargeted(motions[0], "arkit"), retargeted(motions[1], "arkit"))
    performance = Performance(motions, shot.sounds, found.speaking, found.gaze)
    said = lines(dialogue.tracks, found.speaking, motions, None)
    device = devices.choose_or_fall_back(shot.device).type  # type: ignore[arg-type]
    return Analysis(performance, found.notes, tuple(said), _made_with(device, shot.precision))


def _options(shot: Shot) -> "PredictOptions":
    from ..inference.two_track.predict import PredictOptions

    return PredictOptions(
        window_s=shot.window,
        seed=shot.seed,
        device=shot.device,  # type: ignore[arg-type]
        precision=shot.precision,  # type: ignore[arg-type]
        raw=shot.raw,
    )


def _of_recording(shot: Shot, report: Report) -> Analysis:
    from ..inference import devices
    from ..inference.audio import read_track
    from ..inference.mixed.animate import Recording, animate_recording
    from ..inference.mixed.predict import MixedOptions

    if shot.mixed is None:
        raise ValueError("the shot has no recording")
    voice_a = "" if shot.voice_a is None else str(shot.voice_a)
    recording = Recording(shot.mixed, shot.turns, voice_a, shot.swap_voices, shot.duration)
    staging = PRESETS[shot.staging or "interview"].staging
    options = MixedOptions(
        seed=shot.seed,
        staging=staging,
        raw=shot.raw,
        device=shot.device,  # type: ignore[arg-type]
        precision=shot.precision,  # type: ignore[arg-type]
    )
    heads = animate_recording(recording, options, shot.checkpoint, report)
    motions, gaze = heads.for_rig(options)
    performance = Performance(motions, (shot.mixed,), heads.speaking, gaze)
    track = read_track(shot.mixed)
    both = np.broadcast_to(track, (2, len(track)))
    found = lines(both, heads.speaking, motions, None)
    device = devices.choose_or_fall_back(options.device).type
    made_with = _made_with(device, shot.precision)
    return Analysis(performance, heads.notes, tuple(found), made_with, whole_motions=heads.motions)


def _direction(sentence: str) -> dict[str, Any]:
    from ..inference.description.interpret import Director

    return asdict(Director.load().direct(sentence))


def _sounds(shot: Shot) -> tuple[Path, ...]:
    return shot.sounds if shot.mixed is None else (shot.mixed,)


def _made_with(device: str, precision: str) -> dict[str, Any]:
    versions = {name: _version(name) for name in _LIBRARIES}
    return {
        "device": device,
        "precision": precision,
        "python": platform.python_version(),
        "machine": platform.machine(),
        **versions,
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
