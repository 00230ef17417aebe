"""A control rig is shown a pose per control, and keyed where animators key."""

import bpy
from bpy.props import EnumProperty, FloatProperty, StringProperty

from .. import operator_names, status
from ..core.errors import InputError
from ..core.faces.learned import LEARNED, Learned
from ..core.speakers import letter, row
from ..properties.choices import SPEAKERS
from ..rig.characters import heads
from ..rig.characters.own import control_rig
from ..rig.performance import motion_reader
from .button import Button, FileButton
from .output.export import FileExport


class _RigButton(Button):
    """A step on the active rig."""

    stage = "characters"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why the active object is no rig that could be shown poses, or nothing."""
        return status.rig_reason(context)


class _ControlButton(_RigButton):
    """A step on one control."""

    control: StringProperty(
        name="Control", description="By ARKit's name, or a turn of the head; unset: the panel's",
        options={"SKIP_SAVE"},
    )  # fmt: skip

    def chosen(self, context: bpy.types.Context) -> str:
        """Return the control.

        Raises:
            InputError: there is none of that name.
        """
        name = self.control or context.active_object.dualtalk.control
        if name not in LEARNED:
            raise InputError(f"There is no control {name!r}: choose one, such as {LEARNED[0]}.")
        return str(name)


class DUALTALK_OT_learn_rest(_RigButton):
    """Take the present pose for the calm face from which all poses are shown"""

    bl_idname = operator_names.LEARN_REST
    bl_label = "Remember Calm Face"

    def run(self, context: bpy.types.Context) -> str:
        """Note it."""
        control_rig.remember_rest(context.active_object)
        return f"{context.active_object.name} is at rest like this"


class DUALTALK_OT_learn_pose(_ControlButton):
    """Take what bones and custom properties are now for the control at its full"""

    bl_idname = operator_names.LEARN_POSE
    bl_label = "Learn This Pose"

    def run(self, context: bpy.types.Context) -> str:
        """Learn it, and go back to rest."""
        rig, name = context.active_object, self.chosen(context)
        pose = control_rig.learn(rig, name)
        control_rig.show(rig, {})
        left = [each for each in LEARNED if each not in control_rig.learned(rig).poses]
        if left:
            rig.dualtalk.control = left[0]
        return f"{name} moves {len(pose)} channels"


class DUALTALK_OT_learn_assets(_RigButton):
    """Learn the pose assets of this file that are called as controls are (jawOpen, AU12_L)"""

    bl_idname = operator_names.LEARN_ASSETS
    bl_label = "Learn from Pose Assets"

    def run(self, context: bpy.types.Context) -> str:
        """Learn them, and go back to rest."""
        found = control_rig.learn_assets(context.active_object)
        return f"Learned {', '.join(found)}"


class DUALTALK_OT_show_pose(_ControlButton):
    """Pose the rig as it was shown for the control; at 0 it is at rest"""

    bl_idname = operator_names.SHOW_POSE
    bl_label = "Show Pose"

    amount: FloatProperty(
        name="Amount", description="How far, 1 is as it was shown", default=1.0, min=0.0, max=2.0
    )

    def run(self, context: bpy.types.Context) -> str:
        """Pose it."""
        name = self.chosen(context)
        control_rig.show(context.active_object, {name: self.amount})
        return f"{name} at {self.amount:g}"


class DUALTALK_OT_forget_pose(_ControlButton):
    """Forget what the rig was shown for the control"""

    bl_idname = operator_names.FORGET_POSE
    bl_label = "Forget"

    def run(self, context: bpy.types.Context) -> str:
        """Forget it."""
        rig, name = context.active_object, self.chosen(context)
        control_rig.store(rig, control_rig.learned(rig).with_pose(name, {}))
        return f"{name} is not learned"


class DUALTALK_OT_import_poses(FileButton, _RigButton):
    """Read what another rig of the same kind was shown (.json)"""

    bl_idname = operator_names.IMPORT_POSES
    bl_label = "Import Poses"

    filepath: StringProperty(
        name="File", description="Learned poses", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def run(self, context: bpy.types.Context) -> str:
        """Read it; the present pose is the rest."""
        rig = context.active_object
        found = Learned.load(self.chosen_file())
        lacking = sorted(set(found.channels()) - set(control_rig.state(rig)))
        if lacking:
            raise InputError(f"{rig.name} has no {lacking[0]}: the poses are of another rig.")
        control_rig.remember_rest(rig)
        control_rig.store(rig, found)
        return f"{rig.name} knows {len(found.poses)} controls"


class DUALTALK_OT_export_poses(_RigButton, FileExport):
    """Write what the rig was shown (.json), for other rigs of its kind"""

    bl_idname = operator_names.EXPORT_POSES
    bl_label = "Export Poses"
    bl_options = FileExport.bl_options
    suffix = ".json"
    ending = "_poses"

    def proposed_stem(self, context: bpy.types.Context) -> str:
        """Return a name after the object's."""
        return bpy.path.clean_name(context.active_object.name)

    def run(self, context: bpy.types.Context) -> str:
        """Write it."""
        self.filepath = bpy.path.ensure_ext(self.filepath, self.suffix) if self.filepath else ""
        path = self.path()
        found = control_rig.learned(context.active_object)
        found.save(path)
        return f"Wrote {len(found.poses)} controls to {path.name}"


class DUALTALK_OT_write_controls(_RigButton):
    """Key what a speaker's head does on the controls of the active rig, gaze and edits included"""

    bl_idname = operator_names.WRITE_CONTROLS
    bl_label = "Key Controls"

    speaker: EnumProperty(name="Speaker", description="Whose performance", items=SPEAKERS)

    def run(self, context: bpy.types.Context) -> str:
        """Read the performance and write the keys."""
        scene, who, rig = context.scene, int(self.speaker), context.active_object
        motion = motion_reader.read_motions(scene, heads.pair(scene), None)[row(who)]
        n_curves = control_rig.write(rig, motion, scene, scene.frame_start)
        return f"{rig.name} does what {letter(who)} does, on {n_curves} curves"


CLASSES = (
    DUALTALK_OT_learn_rest,
    DUALTALK_OT_learn_pose,
    DUALTALK_OT_learn_assets,
    DUALTALK_OT_show_pose,
    DUALTALK_OT_forget_pose,
    DUALTALK_OT_import_poses,
    DUALTALK_OT_export_poses,
    DUALTALK_OT_write_controls,
)
