"""What each command of the command line does with its parsed arguments."""

import importlib.metadata
import importlib.util
import json
import math
import platform
from argparse import Namespace
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .console import complain, say, step
from .core.dialogue import SAMPLE_RATE, Dialogue
from .core.directing.staging import PRESETS
from .core.errors import DualTalkError, InputError
from .core.files import atomic
from .core.motion import Motion
from .core.names import SPEAKERS
from .core.performance import Performance, Settings
from .core.turns import Utterance, speaking

if TYPE_CHECKING:
    from .inference.checkpoints import Checkpoint
    from .inference.mixed.animate import MixedHeads
    from .inference.mixed.predict import MixedOptions
    from .inference.two_track.predict import PredictOptions


def predict(options: Namespace) -> None:
    """Write the motion of both heads, or of the first alone when the partner's is given."""
    from .inference.two_track import predict as prediction

    targets = [
        options.output.with_name(f"{options.output.name}_{speaker}.npz") for speaker in SPEAKERS
    ]
    _make_folder(options.output)
    if _is_mixed(options):
        for motion, target in zip(_mixed_heads(options).motions, targets, strict=True):
            motion.save(target)
            say(str(target))
        return
    partner = None if options.partner_motion is None else Motion.load(options.partner_motion)
    dialogue = _read_dialogue(options)
    checkpoint = _load_checkpoint(options)
    with step("Predicting motion") as report:
        if partner is None:
            motions: tuple[Motion, ...] = prediction.predict_both(
                dialogue, checkpoint, _predict_options(options), report
            )
        else:
            motions = (
                prediction.predict_reaction(
                    dialogue, checkpoint, _predict_options(options), partner, report
                ),
            )
    for motion, target in zip(motions, targets, strict=False):
        motion.save(target)
        say(str(target))


def animate(options: Namespace) -> None:
    """Write a Blender scene of both heads talking, and a video of it if asked for."""
    _require_bpy()
    for path, suffix in ((options.output, ".blend"), (options.preview, ".mp4")):
        if path is not None:
            if path.suffix != suffix:
                raise InputError(f"{path} does not end in {suffix}: give it that name.")
            _make_folder(path)
    performance = _mixed_performance(options) if _is_mixed(options) else _performance(options)
    _write_scene(options, performance)
    say(f"Scene: {options.output.resolve()}")
    if options.preview is not None:
        say(f"Video: {options.preview.resolve()}")


def info(options: Namespace) -> None:
    """Print versions, the devices that can compute and the checkpoints that were found."""
    facts = _facts()
    if options.json:
        say(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        if isinstance(value, list):
            say(f"{name}:")
            for entry in value:
                say("  " + "  ".join(str(part) for part in entry.values()))
        else:
            say(f"{name}: {value}")


def convert(options: Namespace) -> None:
    """Turn a published checkpoint into safetensors."""
    from .inference.convert import convert as convert_checkpoint

    _make_folder(options.target)
    with step("Converting"):
        done = convert_checkpoint(options.source, options.target)
    say(f"{done.path}: {done.n_parameters / 1e6:.0f} M parameters, basis flame")


def evaluate(options: Namespace) -> None:
    """Print the paper's measures, in its scaling and raw."""
    from .evaluation.metrics import evaluate as evaluate_motion

    partner = None if options.partner is None else Motion.load(options.partner)
    scores = evaluate_motion(Motion.load(options.predicted), Motion.load(options.truth), partner)
    if options.json:
        rows = {f"{s.metric}_{s.part}": {"raw": s.raw, "scaled": s.scaled} for s in scores}
        say(json.dumps(rows, indent=2))
        return
    say(f"{'measure':<18}{'paper scale':>14}{'raw':>14}")
    for score in scores:
        say(f"{score.metric + ' ' + score.part:<18}{score.scaled:>14.4f}{score.raw:>14.6g}")


def turns(options: Namespace) -> None:
    """Print who speaks when in one mixed recording."""
    from .inference.audio import read_track
    from .inference.turn_taking.finding import find_turns

    sound = read_track(options.sound)
    voice = None if options.voice_a is None else read_track(options.voice_a)
    with step("Hearing who speaks") as report:
        found = find_turns(sound, voice, report)
    utterances = found.utterances()
    if options.rttm is not None:
        name = options.sound.stem.replace(" ", "_")
        _make_folder(options.rttm)
        with atomic(options.rttm) as temporary:
            temporary.write_text("".join(f"{_rttm(name, one)}\n" for one in utterances), "utf-8")
    if options.json:
        spoken = [asdict(utterance) for utterance in utterances]
        say(json.dumps({"utterances": spoken, "notes": found.notes}, indent=2))
        return
    for one in utterances:
        say(f"{one.start_s:8.2f} {one.end_s:8.2f}  {one.speaker}")
    for note in found.notes:
        complain(note)


def _rttm(name: str, one: Utterance) -> str:
    """Return a line of NIST's Rich Transcription Time Marked format."""
    length_s = one.end_s - one.start_s
    return f"SPEAKER {name} 1 {one.start_s:.3f} {length_s:.3f} <NA> <NA> {one.speaker} <NA> <NA>"


def bench(options: Namespace) -> None:
    """Print speed and memory of the networks on this machine."""
    from .evaluation.bench import run

    networks = ("bundled", "full") if options.network == "both" else (options.network,)
    limit, windows = options.baseline_limit, options.window
    for line in run(networks, options.seconds, limit, windows):
        say(line)


def _facts() -> dict[str, Any]:
    from .inference import checkpoints, devices

    def version_of(package: str) -> str:
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return "not installed"

    return {
        "dualtalk": __version__,
        "python": platform.python_version(),
        **{name: version_of(name) for name in ("torch", "numpy", "librosa", "bpy")},
        "devices": [{"device": name} for name in devices.available()],
        "checkpoints": [
            {"path": str(found.path), "network": found.network, "basis": found.basis}
            for found in checkpoints.find()
        ],
    }


def _performance(options: Namespace) -> Performance:
    from .inference.two_track.predict import predict_both

    dialogue = _read_dialogue(options)
    checkpoint = _load_checkpoint(options)
    with step("Predicting motion") as report:
        motions = predict_both(dialogue, checkpoint, _predict_options(options), report)
    sounds = tuple(path for path in (options.sound_a, options.sound_b) if path is not None)
    return Performance(motions, sounds, speaking(dialogue.tracks))


def _is_mixed(options: Namespace) -> bool:
    """Tell whether one recording holds both voices.

    Raises:
        InputError: neither one mixed recording nor separate sounds were given, or both.
    """
    given = [name for name in ("turns", "voice_a", "swap_voices") if getattr(options, name)]
    if options.mixed is None and given:
        raise InputError(f"--{given[0].replace('_', '-')} goes with --mixed M.wav: add that.")
    if (options.mixed is None) == (options.sound_a is None):
        raise InputError(
            "Give either the speakers' sounds (A.wav B.wav, or one stereo file), or --mixed M.wav."
        )
    if options.mixed is not None and getattr(options, "partner_motion", None) is not None:
        raise InputError("--partner-motion needs separate sounds: leave it or --mixed out.")
    return options.mixed is not None


def _mixed_heads(options: Namespace) -> "MixedHeads":
    from .inference.mixed.animate import Recording, animate_recording

    recording = Recording(
        options.mixed, options.turns, options.voice_a, options.swap_voices, options.duration
    )
    with step("Predicting motion") as report:
        heads = animate_recording(recording, _mixed_options(options), options.checkpoint, report)
    for note in heads.notes:
        complain(note)
    return heads


def _mixed_options(options: Namespace) -> "MixedOptions":
    from .inference.mixed.predict import MixedOptions

    staging = PRESETS[options.staging].staging
    return MixedOptions(seed=options.seed, staging=staging, raw=options.raw)


def _mixed_performance(options: Namespace) -> Performance:
    heads = _mixed_heads(options)
    motions, gaze = heads.for_rig(_mixed_options(options))
    return Performance(motions, (options.mixed,), heads.speaking, gaze)


def _write_scene(options: Namespace, performance: Performance) -> None:
    import bpy

    from .rig.output import preview
    from .rig.performance import scene_writer

    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.data.scenes[0]
    scene.render.fps, scene.render.fps_base = _frame_rate(options.fps)
    settings = Settings(
        staging=PRESETS[options.staging].staging,
        seed=options.seed,
        cuts_to_speaker=options.cuts,
        with_voice_lights=options.preview is not None,
    )
    with step("Building the scene") as report:
        scene_writer.write_performance(scene, performance, settings, report)
    if options.preview is not None:
        with step("Rendering the video") as report:
            preview.render(scene, options.preview, report)
    with step("Saving the scene"):
        scene_writer.save_blend(options.output)


def _frame_rate(fps: float) -> tuple[int, float]:
    """Return Blender's pair of whole rate and divisor: 29.97 is 30 / 1.001."""
    whole = max(1, round(fps + 1e-6)) if abs(fps - round(fps)) < 1e-6 else math.ceil(fps)
    return whole, whole / fps


def _read_dialogue(options: Namespace) -> Dialogue:
    from .inference.audio import read_dialogue

    with step("Reading sound"):
        dialogue = read_dialogue(options.sound_a, options.sound_b)
    for note in dialogue.notes:
        complain(note)
    if options.duration is None:
        return dialogue
    n_samples = max(1, round(options.duration * SAMPLE_RATE))
    return replace(dialogue, tracks=dialogue.tracks[:, :n_samples])


def _load_checkpoint(options: Namespace) -> "Checkpoint":
    from .inference import checkpoints

    with step("Loading network"):
        return checkpoints.load(options.checkpoint or checkpoints.bundled_path())


def _predict_options(options: Namespace) -> "PredictOptions":
    from .inference.two_track.predict import PredictOptions

    return PredictOptions(
        window_s=options.window,
        seed=options.seed,
        device=options.device,
        precision=options.precision,
        raw=options.raw,
    )


def _make_folder(path: Path) -> None:
    """Make the folder that `path` will be written to, before the long work starts."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"Cannot write {path} ({error.strerror}): choose another folder."
        ) from error


def _require_bpy() -> None:
    if importlib.util.find_spec("bpy") is None:
        raise DualTalkError(
            "Blender's Python module bpy is not installed: run 'pip install dualtalk[blender]' "
            "with Python 3.11, or use the extension inside Blender."
        )
