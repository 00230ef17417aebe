"""What buttons share that let the network perform the dialogue: options, request, cache."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from .. import status
from ..core.errors import InputError
from ..core.jobs.requests import GenerateRequest
from ..core.jobs.results import GenerateResult
from ..core.performance import Performance, Settings
from ..preferences import pythons, results, stored
from ..properties.choices import MODES
from ..properties.staging import to_scene
from ..rig.characters import heads
from . import jobs
from . import turns as turns_operators


@dataclass(frozen=True)
class Generation(jobs.Order):
    """What one generation was started with."""

    request: GenerateRequest
    settings: Settings = field(default_factory=Settings)
    swaps_channels: bool = False  #: the stereo file's first channel is B's
    recording: str = ""  #: with both voices in one track
    follows_strips: bool = False  #: who speaks when was taken from the sequencer's strips

    def played(self, result: GenerateResult) -> Performance:
        """Return the performance with each speaker's channel at its speaker."""
        found = result.performance
        if not self.swaps_channels:
            return found
        gaze = found.gaze
        if gaze is not None:
            gaze = replace(gaze, looks=gaze.looks[::-1], own_lids=gaze.own_lids[::-1])
        return replace(found, motions=found.motions[::-1], speaking=found.speaking[::-1], gaze=gaze)


class Generating(jobs.Job):
    """A job that asks the network for a whole performance; override `apply`."""

    stage = "generate"

    sound_a: StringProperty(
        name="Sound A", description="Unset: the scene's setting", subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )  # fmt: skip
    sound_b: StringProperty(
        name="Sound B", description="Unset: the scene's setting, or none if sound A is given",
        subtype="FILE_PATH", options={"SKIP_SAVE"},
    )  # fmt: skip
    mode: EnumProperty(
        name="Sound", description="How the conversation was recorded; unset: the scene's setting, "
        "or as many files as are given", items=MODES, options={"SKIP_SAVE"},
    )  # fmt: skip
    voice_a: StringProperty(
        name="Voice of A", subtype="FILE_PATH", options={"SKIP_SAVE"},
        description="A few seconds of the first speaker alone, for a mixed recording; unset: the "
        "scene's setting",
    )  # fmt: skip
    face_a: StringProperty(
        name="Face of A", description="A recording of A's face (.csv, .npz); unset: the scene's "
        "setting", subtype="FILE_PATH", options={"SKIP_SAVE"},
    )  # fmt: skip
    face_b: StringProperty(
        name="Face of B", description="A recording of B's face (.csv, .npz); unset: the scene's "
        "setting", subtype="FILE_PATH", options={"SKIP_SAVE"},
    )  # fmt: skip
    turns: StringProperty(
        name="Turns", subtype="FILE_PATH", options={"SKIP_SAVE"},
        description="A file that says who speaks when, for a mixed recording; unset: as the strips "
        "in the sequencer say it, or else it is heard",
    )  # fmt: skip
    swaps_voices: BoolProperty(
        name="Swap Voices", options={"SKIP_SAVE"},
        description="Give A the second voice or channel; unset: the scene's setting",
    )  # fmt: skip
    seed: IntProperty(
        name="Variation", description="Unset: the scene's setting", min=0, options={"SKIP_SAVE"}
    )
    first_frame: IntProperty(
        name="Start Frame", description="Unset: the scene's setting", options={"SKIP_SAVE"}
    )
    checkpoint: StringProperty(
        name="Checkpoint", description="Unset: the one of the preferences", subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )  # fmt: skip
    device: StringProperty(
        name="Device", description="auto, cpu, cuda or mps; unset: the one of the preferences",
        options={"SKIP_SAVE"},
    )  # fmt: skip

    def prepare(self, context: bpy.types.Context) -> Generation:
        """Return the Python that runs the network, the request, and what else was set.

        Raises:
            InputError: no sound is chosen, there is no Python with torch, the mode is wrong, or a
                character is damaged.
        """
        scene = context.scene
        mode, sound_a, sound_b = self._dialogue(context)
        faces = (_absolute(self._option("face_a", scene)), _absolute(self._option("face_b", scene)))
        _check(context, mode, sound_a, sound_b, any(faces))
        settings = self.wanted(scene)
        python = pythons.worker_python(stored.get(context).python)
        is_mixed = mode == "MIXED"
        follows = is_mixed and not self.turns and turns_operators.is_edited(scene, sound_a)
        swaps = mode != "TRACKS" and self._option("swaps_voices", scene)
        bases = [_basis(scene, 1), _basis(scene, 2)]
        if swaps and not is_mixed:  # the channels are swapped in the answer
            bases.reverse()
        chosen = stored.get(context)
        request = GenerateRequest(
            sound_a=_absolute(sound_a),
            sound_b=_absolute(sound_b),
            checkpoint="" if is_mixed else _absolute(self.checkpoint or chosen.checkpoint),
            device=self.device or chosen.device,
            seed=settings.seed,
            basis_a=bases[0],
            basis_b=bases[1],
        )
        if any(faces):
            given = (sound_a, sound_b) if mode == "TRACKS" else (sound_a, sound_a)
            request = _with_faces(request, scene, faces, given, settings, swaps)
        if is_mixed:
            # The strips are the characters' already: only a swap asked for since counts.
            swapped = swaps != scene.dualtalk.swaps_voices if follows else swaps
            turns = turns_operators.file_of(scene) if follows else _absolute(self.turns)
            voice = "" if turns else _absolute(self._option("voice_a", scene))
            request = replace(
                request,
                mixed=True,
                turns=turns,
                voice_a=voice,
                swaps_voices=swapped,
                staging=asdict(settings.staging),
            )
        return Generation(
            python, request, scene.session_uid,
            settings=settings,
            swaps_channels=swaps and not is_mixed,
            recording=sound_a if is_mixed else "",
            follows_strips=follows,
        )  # fmt: skip

    def known(self, context: bpy.types.Context, order: Generation) -> GenerateResult | None:
        """Return what the same request gave before."""
        cache = results.cache(context)
        return cache.find(order.request) if cache is not None else None

    def learn(self, context: bpy.types.Context, order: Generation, result: GenerateResult) -> None:
        """Keep the result for the next time."""
        cache = results.cache(context)
        if cache is not None:
            cache.keep(order.request, result)
            results.measure(context)

    def waits_for(self, context: bpy.types.Context, order: Generation) -> str:
        """Return that the user must leave a mode in which objects cannot be made."""
        reason = status.mode_reason(context)
        return f"The heads are ready. {reason}" if reason else ""

    def wanted(self, scene: bpy.types.Scene) -> Settings:
        """Return the settings to generate with."""
        wanted = to_scene(scene.dualtalk.staging)
        return Settings(
            staging=wanted.staging,
            habits=wanted.gaze,
            heads=wanted.heads,
            first_frame=self._option("first_frame", scene),
            seed=self._option("seed", scene),
            has_few_keys=scene.dualtalk.has_few_keys,
        )

    def _dialogue(self, context: bpy.types.Context) -> tuple[str, str, str]:
        """Return how the sound was recorded and its files, as given or as the scene has them."""
        if not self.properties.is_property_set("sound_a"):
            mode, sound_a, sound_b = _of_scene(context.scene)
            mode, sound_b = self._option("mode", context.scene), self.sound_b or sound_b
            return mode, sound_a, sound_b if mode == "TRACKS" else ""
        implied = "TRACKS" if self.sound_b else "STEREO"
        mode = self.mode if self.properties.is_property_set("mode") else implied
        return mode, self.sound_a, self.sound_b if mode == "TRACKS" else ""

    def _option(self, name: str, scene: bpy.types.Scene) -> Any:
        """Return an option as given to the operator, else as the scene has it."""
        is_given = self.properties.is_property_set(name)
        return getattr(self if is_given else scene.dualtalk, name)


def press(context: bpy.types.Context) -> None:
    """Press Generate, for a button that has chosen what to perform; what plays stays as a take.

    Raises:
        InputError: it could not begin, or in background mode not end.
    """
    is_there = heads.find_pair(context.scene) != (None, None) and bool(context.scene.dualtalk.takes)
    how = "EXEC_DEFAULT" if bpy.app.background else "INVOKE_DEFAULT"
    try:
        bpy.ops.dualtalk.generate(how, keeps_take=is_there)
    except RuntimeError as error:  # how Blender tells a caller of an error that was reported
        raise InputError(str(error).removeprefix("Error: ").strip()) from error


def _with_faces(
    request: GenerateRequest,
    scene: bpy.types.Scene,
    faces: tuple[str, str],
    sounds: tuple[str, str],
    settings: Settings,
    swaps: bool,
) -> GenerateRequest:
    """Return a request for a dialogue with captured faces.

    Args:
        request: with the sounds that there are.
        scene: says when the recordings begin.
        faces: paths, "" for who is not captured.
        sounds: of each of the two, "" for who has none.
        settings: have the staging.
        swaps: the channels are swapped in the answer, so faces and seats go the other way here.
    """
    starts = (scene.dualtalk.face_start_a, scene.dualtalk.face_start_b)
    staging = settings.staging
    if swaps:
        faces, starts = faces[::-1], starts[::-1]
        staging = replace(staging, seats=staging.seats[::-1])
    return replace(
        request,
        face_a=faces[0],
        face_b=faces[1],
        face_start_a=starts[0],
        face_start_b=starts[1],
        silent=tuple(row for row in (0, 1) if not sounds[row]),
        staging=asdict(staging),
    )


def _basis(scene: bpy.types.Scene, speaker: int) -> str:
    """Return what the speaker's character takes, or nothing if it plays whatever comes.

    One that will be built is the built-in head.
    """
    character = heads.find(scene, speaker)
    bases = ("arkit",) if character is None else character.bases
    return bases[0] if len(bases) == 1 else ""


def _of_scene(scene: bpy.types.Scene) -> tuple[str, str, str]:
    settings = scene.dualtalk
    return settings.mode, settings.sound_a, settings.sound_b if settings.mode == "TRACKS" else ""


def _check(
    context: bpy.types.Context, mode: str, sound_a: str, sound_b: str, has_faces: bool
) -> None:
    """Raise InputError if it cannot begin, on the panel of the step that lacks something."""
    reason = status.missing_sound(mode, sound_a, sound_b, has_faces)
    if reason:
        raise _at("dialogue", reason)
    reason = status.mode_reason(context)
    if reason:
        raise InputError(reason)
    for speaker in (1, 2):
        damage = heads.problem(context.scene, speaker)
        if damage:
            raise _at("characters", damage)


def _at(stage: str, message: str) -> InputError:
    """Return an error that is shown on another step's panel."""
    error = InputError(message)
    error.stage = stage
    return error


def _absolute(path: str) -> str:
    return bpy.path.abspath(path) if path else ""
