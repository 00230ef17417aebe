"""From two sounds to two talking heads: the network in a process of its own, then one undo step."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from .. import preferences
from ..core.errors import DualTalkError, InputError
from ..core.jobs.requests import GenerateRequest, GenerateResult
from ..core.performance import Performance, Settings
from ..properties.scene import MODES
from ..properties.staging import to_scene
from ..rig import compat
from ..rig.characters import heads
from ..rig.performance import scene_writer, turn_strips
from . import jobs, takes
from . import turns as turns_operators


def disabled_reason(context: bpy.types.Context) -> str:
    """Return why the panel's button cannot generate now, or nothing."""
    if jobs.progress() is not None:
        return jobs.BUSY
    reason = _missing_sound(*_of_scene(context.scene))
    if reason:
        return f"{reason} It is in Dialogue."
    return _wrong_mode(context) or preferences.python_problem(preferences.get(context).python)


class DUALTALK_OT_generate(jobs.Job, bpy.types.Operator):
    """From the dialogue's sound to two talking heads."""

    bl_idname = "dualtalk.generate"
    bl_label = "Generate"
    bl_description = (
        "Turn the dialogue's sound into two talking heads. What an earlier run wrote is replaced; "
        "everything else in the scene stays as it is"
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

    #: What was asked for when the job started; the scene's settings may change meanwhile.
    _settings = Settings()
    _is_first = False
    _swaps_channels = False
    _recording = ""  # with both voices in one track
    _follows_strips = False

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: Any) -> str:
        """Say what the button does that it is drawn for."""
        if properties.keeps_take:
            return "Generate with another seed, and keep the performance that is there as a take"
        return cls.bl_description

    def prepare(self, context: bpy.types.Context) -> tuple[Path, GenerateRequest]:
        """Return the Python that runs the network, and the request.

        Raises:
            InputError: no sound is chosen, there is no Python with torch, the mode is wrong, or a
                character is damaged.
        """
        mode, sound_a, sound_b = self._dialogue(context)
        reason = _missing_sound(mode, sound_a, sound_b)
        if reason:
            raise _at("dialogue", reason)
        problem = _wrong_mode(context)
        if problem:
            raise InputError(problem)
        for speaker in (1, 2):
            damage = heads.problem(context.scene, speaker)
            if damage:
                raise _at("characters", damage)
        self._scene_uid = context.scene.session_uid
        self._settings = self._wanted(context.scene)
        python = preferences.worker_python(preferences.get(context).python)
        return python, self._asked(context, mode, sound_a, sound_b)

    def _asked(
        self, context: bpy.types.Context, mode: str, sound_a: str, sound_b: str
    ) -> GenerateRequest:
        """Return the request; the channels of a stereo file are swapped in the answer."""
        chosen, scene = preferences.get(context), context.scene
        swaps = mode != "TRACKS" and self._option("swaps_voices", scene)
        is_mixed = mode == "MIXED"
        self._swaps_channels = swaps and not is_mixed
        bases = [_basis(scene, 1), _basis(scene, 2)]
        if self._swaps_channels:
            bases.reverse()
        self._recording = sound_a if is_mixed else ""
        given = self._given_turns(scene) if is_mixed else ""
        if self._follows_strips:  # they are the characters' already
            swaps = swaps != scene.dualtalk.swaps_voices
        return GenerateRequest(
            sound_a=_absolute(sound_a),
            sound_b=_absolute(sound_b),
            checkpoint="" if is_mixed else _absolute(self.checkpoint or chosen.checkpoint),
            device=self.device or chosen.device,
            seed=self._settings.seed,
            basis_a=bases[0],
            basis_b=bases[1],
            mixed=is_mixed,
            turns=given,
            voice_a=_absolute(self._option("voice_a", scene)) if is_mixed and not given else "",
            swaps_voices=swaps and is_mixed,
            staging=asdict(self._settings.staging) if is_mixed else None,
        )

    def _given_turns(self, scene: bpy.types.Scene) -> str:
        """Return a file that says who speaks when, or nothing if that is to be heard."""
        is_edited = not self.turns and turns_operators.is_edited(scene, self._recording)
        self._follows_strips = is_edited
        return turns_operators.file_of(scene) if is_edited else _absolute(self.turns)

    def known(self, context: bpy.types.Context, request: GenerateRequest) -> GenerateResult | None:
        """Return what the same request gave before."""
        cache = preferences.cache(context)
        return cache.find(request) if cache is not None else None

    def learn(
        self, context: bpy.types.Context, request: GenerateRequest, result: GenerateResult
    ) -> None:
        """Keep the result for the next time."""
        cache = preferences.cache(context)
        if cache is not None:
            cache.keep(request, result)
            preferences.measure_cache(context)

    def show(self, context: bpy.types.Context) -> None:
        """Look at new heads through their camera, in the view where Generate was pressed."""
        compat.show_strips(context.workspace, context.scene)
        area = context.area
        if self._is_first and area is not None and area.type == "VIEW_3D" and context.scene.camera:
            area.spaces.active.region_3d.view_perspective = "CAMERA"

    def waits_for(self, context: bpy.types.Context) -> str:
        """Return that the user must leave a mode in which objects cannot be made."""
        reason = _wrong_mode(context)
        return f"The heads are ready. {reason}" if reason else ""

    def apply(self, context: bpy.types.Context, result: GenerateResult) -> str:
        """Write the performance into the scene in which the job was started."""
        scene = self.scene_of_start()
        played = _swapped(result.performance) if self._swaps_channels else result.performance
        self._is_first = heads.find(scene, 1) is None and heads.find(scene, 2) is None
        begin = turn_strips.start(scene, scene.dualtalk.turns_start)
        with context.temp_override(scene=scene):
            takes.before_writing(scene, self.keeps_take)
            try:
                scene_writer.write_performance(scene, played, self._settings)
            except DualTalkError:  # it does not fit, and nothing was written
                takes.note_edits(scene)
                raise
            takes.keep_take(scene, self._settings.seed, self.keeps_take)
        self._write_turns(scene, played, begin)
        for note in result.notes:
            self.report({"WARNING"}, note)
        if self.keeps_take:
            scene.dualtalk.seed = self._settings.seed
        seconds = played.motions[0].duration_s
        return f"Two heads talk for {seconds:.1f} s"

    def _write_turns(self, scene: bpy.types.Scene, played: Performance, begin: int) -> None:
        """Show who speaks when over the recording; strips that were followed stay, at its side."""
        first_frame = self._settings.first_frame
        if self._follows_strips:
            turn_strips.move(scene, first_frame - begin)
            scene.dualtalk.turns_start = first_frame
        elif self._recording:
            turns_operators.show(scene, played.speaking, self._recording, first_frame)
        else:
            turn_strips.remove(scene)  # of a recording that is not heard any more

    def _wanted(self, scene: bpy.types.Scene) -> Settings:
        wanted = to_scene(scene.dualtalk_staging)
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


def _missing_sound(mode: str, sound_a: str, sound_b: str) -> str:
    """Return which sound has yet to be chosen, or nothing."""
    if not sound_a and mode == "TRACKS":
        return "No sound is chosen: choose the sound of speaker A."
    if not sound_a:
        return "No sound is chosen: choose the recording."
    if mode == "TRACKS" and not sound_b:
        return "Choose the sound of speaker B, or say that it is One Stereo File."
    return ""


def _swapped(result: Performance) -> Performance:
    return Performance(result.motions[::-1], result.sounds, result.speaking[::-1])


def _wrong_mode(context: bpy.types.Context) -> str:
    return "" if context.mode == "OBJECT" else "Switch to Object Mode first."


def _at(stage: str, message: str) -> InputError:
    """Return an error that is shown on another step's panel."""
    error = InputError(message)
    error.stage = stage
    return error


def _absolute(path: str) -> str:
    return bpy.path.abspath(path) if path else ""


CLASSES = (DUALTALK_OT_generate,)
