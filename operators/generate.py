"""From two sounds to two talking heads: the network in a process of its own, then one undo step."""

from pathlib import Path
from typing import Any

import bpy
from bpy.props import IntProperty, StringProperty

from .. import preferences
from ..core.errors import InputError
from ..core.performance import Settings
from ..core.request import GenerateRequest, GenerateResult
from ..rig import compat, heads, perform
from . import jobs
from .staging_settings import to_scene


def disabled_reason(context: bpy.types.Context) -> str:
    """Return why the panel's button cannot generate now, or nothing."""
    if jobs.progress() is not None:
        return jobs.BUSY
    settings = context.scene.dualtalk
    if not settings.sound_a:
        return "Choose the sound of speaker A in Dialogue first."
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

    _scene_uid = 0
    _is_first = False

    def prepare(self, context: bpy.types.Context) -> tuple[Path, GenerateRequest]:
        """Return the Python that runs the network, and the request.

        Raises:
            InputError: no sound is chosen, there is no Python with torch, or the mode is wrong.
        """
        sound_a, sound_b = self._sounds(context)
        if not sound_a:
            raise _of_dialogue("No sound is chosen: choose the sound of speaker A.")
        problem = _wrong_mode(context)
        if problem:
            raise InputError(problem)
        chosen = preferences.get(context)
        self._scene_uid = context.scene.session_uid
        return preferences.worker_python(chosen.python), GenerateRequest(
            sound_a=_absolute(sound_a),
            sound_b=_absolute(sound_b),
            checkpoint=_absolute(self.checkpoint or chosen.checkpoint),
            device=self.device or chosen.device,
            seed=self._option("seed", context.scene),
            basis_a=_basis(context.scene, 1),
            basis_b=_basis(context.scene, 2),
        )

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
        scene = self._scene()
        self._is_first = heads.find(scene, 1) is None and heads.find(scene, 2) is None
        wanted = to_scene(scene.dualtalk_staging)
        settings = Settings(
            staging=wanted.staging,
            habits=wanted.gaze,
            heads=wanted.heads,
            first_frame=self._option("first_frame", scene),
            seed=self._option("seed", scene),
        )
        with context.temp_override(scene=scene):
            perform.write_performance(scene, result.performance, settings)
        for note in result.notes:
            self.report({"WARNING"}, note)
        seconds = result.performance.motions[0].duration_s
        return f"Two heads talk for {seconds:.1f} s"

    def _sounds(self, context: bpy.types.Context) -> tuple[str, str]:
        settings = context.scene.dualtalk
        if self.properties.is_property_set("sound_a"):
            return self.sound_a, self.sound_b
        return settings.sound_a, self.sound_b or settings.sound_b

    def _option(self, name: str, scene: bpy.types.Scene) -> Any:
        """Return an option as given to the operator, else as the scene has it."""
        is_given = self.properties.is_property_set(name)
        return getattr(self if is_given else scene.dualtalk, name)

    def _scene(self) -> bpy.types.Scene:
        for scene in bpy.data.scenes:
            if scene.session_uid == self._scene_uid:
                return scene
        raise InputError("The scene for which the heads were made was deleted: generate again.")


def _basis(scene: bpy.types.Scene, speaker: int) -> str:
    """Return what the speaker's character takes; one that will be built is the built-in head."""
    character = heads.find(scene, speaker)
    return "arkit" if character is None else character.basis


def _wrong_mode(context: bpy.types.Context) -> str:
    return "" if context.mode == "OBJECT" else "Switch to Object Mode first."


def _of_dialogue(message: str) -> InputError:
    error = InputError(message)
    error.stage = "dialogue"
    return error


def _absolute(path: str) -> str:
    return bpy.path.abspath(path) if path else ""


CLASSES = (DUALTALK_OT_generate,)
