"""From two sounds to two talking heads: the network in a process of its own, then one undo step."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from .. import operator_names, status
from ..core.errors import InputError
from ..core.jobs.requests import GenerateRequest, GenerateResult
from ..core.performance import Performance, Settings
from ..preferences import pythons, results, stored
from ..properties.choices import MODES
from ..properties.staging import to_scene
from ..properties.strengths import apply_strengths
from ..rig import compat
from ..rig.characters import heads
from ..rig.performance import regeneration, turn_strips
from . import jobs
from . import turns as turns_operators


@dataclass(frozen=True)
class Generation(jobs.Order):
    """What one generation was started with."""

    settings: Settings = field(default_factory=Settings)
    swaps_channels: bool = False  #: the stereo file's first channel is B's
    recording: str = ""  #: with both voices in one track
    follows_strips: bool = False  #: who speaks when was taken from the sequencer's strips
    keeps_take: bool = False  #: the performance that is there stays as a take


class DUALTALK_OT_generate(jobs.Job, bpy.types.Operator):
    """From the dialogue's sound to two talking heads."""

    bl_idname = operator_names.GENERATE
    bl_label = "Generate"
    bl_description = (
        "Turn the dialogue's sound into two talking heads. What an earlier run wrote is replaced "
        "unless you have edited it: then it stays as a take. Everything else in the scene stays as "
        "it is"
    )
    # Not REGISTER: its panel would run the network again at every change of a number.
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender wants a plain set
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
    turns: StringProperty(
        name="Turns", subtype="FILE_PATH", options={"SKIP_SAVE"},
        description="A file that says who speaks when, for a mixed recording; unset: as the strips "
        "in the sequencer say it, or else it is heard",
    )  # fmt: skip
    swaps_voices: BoolProperty(
        name="Swap Voices", options={"SKIP_SAVE"},
        description="Give A the second voice or channel; unset: the scene's setting",
    )  # fmt: skip
    keeps_take: BoolProperty(
        name="Keep Take", options={"SKIP_SAVE"},
        description="Keep the performance that is there as a take beside the new one; else it is "
        "replaced",
    )  # fmt: skip
    seed: IntProperty(
        name="Seed", description="Unset: the scene's setting", min=0, options={"SKIP_SAVE"}
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

    _is_first = False  # the heads are new: for `show`

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: Any) -> str:
        """Say what the button does that it is drawn for."""
        if properties.keeps_take:
            return "Generate with another seed, and keep the performance that is there as a take"
        return cls.bl_description

    def prepare(self, context: bpy.types.Context) -> Generation:
        """Return the Python that runs the network, the request, and what else was set.

        Raises:
            InputError: no sound is chosen, there is no Python with torch, the mode is wrong, or a
                character is damaged.
        """
        scene = context.scene
        mode, sound_a, sound_b = self._dialogue(context)
        _check(context, mode, sound_a, sound_b)
        settings = self._wanted(scene)
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
            keeps_take=self.keeps_take,
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

    def show(self, context: bpy.types.Context) -> None:
        """Look at new heads through their camera, in the view where Generate was pressed."""
        compat.show_strips(context.workspace, context.scene)
        area = context.area
        if self._is_first and area is not None and area.type == "VIEW_3D" and context.scene.camera:
            area.spaces.active.region_3d.view_perspective = "CAMERA"

    def waits_for(self, context: bpy.types.Context, order: Generation) -> str:
        """Return that the user must leave a mode in which objects cannot be made."""
        reason = status.mode_reason(context)
        return f"The heads are ready. {reason}" if reason else ""

    def apply(self, context: bpy.types.Context, order: Generation, result: GenerateResult) -> str:
        """Write the performance into the scene in which the job was started."""
        scene = order.scene
        played = _swapped(result.performance) if order.swaps_channels else result.performance
        self._is_first = heads.find(scene, 1) is None and heads.find(scene, 2) is None
        begin = turn_strips.start(scene, scene.dualtalk.turns_start)
        with context.temp_override(scene=scene):
            outcome = regeneration.write(
                scene, played, order.settings, order.keeps_take, scene.dualtalk.keeps_edits
            )
            apply_strengths(scene)
        _write_turns(scene, order, played, begin)
        for note in result.notes:
            self.report({"WARNING"}, note)
        scene.dualtalk.conflicts = "\n".join(outcome.conflicts)
        if outcome.is_new_take:
            scene.dualtalk.seed = order.settings.seed
        seconds = played.motions[0].duration_s
        return ". ".join([f"Two heads talk for {seconds:.1f} s", *outcome.notes])

    def _wanted(self, scene: bpy.types.Scene) -> Settings:
        wanted = to_scene(scene.dualtalk.staging)
        return Settings(
            staging=wanted.staging,
            habits=wanted.gaze,
            heads=wanted.heads,
            first_frame=self._option("first_frame", scene),
            seed=self._option("seed", scene),
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


def _check(context: bpy.types.Context, mode: str, sound_a: str, sound_b: str) -> None:
    """Raise InputError if it cannot begin, on the panel of the step that lacks something."""
    reason = status.missing_sound(mode, sound_a, sound_b)
    if reason:
        raise _at("dialogue", reason)
    reason = status.mode_reason(context)
    if reason:
        raise InputError(reason)
    for speaker in (1, 2):
        damage = heads.problem(context.scene, speaker)
        if damage:
            raise _at("characters", damage)


def _write_turns(
    scene: bpy.types.Scene, order: Generation, played: Performance, begin: int
) -> None:
    """Show who speaks when over the recording; strips that were followed stay, at its side."""
    first_frame = order.settings.first_frame
    if order.follows_strips:
        turn_strips.move(scene, first_frame - begin)
        scene.dualtalk.turns_start = first_frame
    elif order.recording:
        turns_operators.show(scene, played.speaking, order.recording, first_frame)
    else:
        turn_strips.remove(scene)  # of a recording that is not heard any more


def _swapped(result: Performance) -> Performance:
    return Performance(result.motions[::-1], result.sounds, result.speaking[::-1])


def _at(stage: str, message: str) -> InputError:
    """Return an error that is shown on another step's panel."""
    error = InputError(message)
    error.stage = stage
    return error


def _absolute(path: str) -> str:
    return bpy.path.abspath(path) if path else ""


CLASSES = (DUALTALK_OT_generate,)
