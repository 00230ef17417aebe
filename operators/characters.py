"""Who the two speakers are: built-in heads, FLAME heads, or the animator's own characters."""

from collections.abc import Mapping
from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from .. import operator_names, status
from ..core.errors import DualTalkError, InputError
from ..core.faces import cast, flame_file
from ..core.faces.bone_names import ROLES, Role
from ..core.faces.builtin_head import HeadModel
from ..core.speakers import label, letter
from ..preferences import stored
from ..properties.choices import SPEAKERS
from ..rig.characters import builtin, flame_building, heads, removal
from ..rig.characters.flame import FlameHead
from ..rig.characters.own import binding
from ..rig.characters.own.matching import CharacterMatch, match_character
from ..rig.performance import readiness
from .button import Button

_BONE_LABELS: Mapping[Role, str] = {
    "head": "Head", "jaw": "Jaw", "eye_left": "Left Eye", "eye_right": "Right Eye",
}  # fmt: skip


class CharacterButton(Button):
    """A step for one of the two speakers."""

    stage = "characters"
    speaker: EnumProperty(name="Speaker", description="Whose character", items=SPEAKERS)

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why objects cannot be made now, or nothing."""
        return status.characters_reason(context)

    @property
    def number(self) -> int:
        """1 or 2."""
        return int(self.speaker)

    @property
    def letter(self) -> str:
        """The speaker as users know them."""
        return letter(self.number)

    def check_free(self, context: bpy.types.Context) -> None:
        """Refuse a second character, and one that could not be seen.

        Raises:
            DualTalkError: the speaker has one already, or our collection is excluded.
        """
        readiness.check_room(context.scene)
        if heads.find(context.scene, self.number) or heads.problem(context.scene, self.number):
            raise InputError(f"Speaker {self.letter} has a character already: remove it first.")

    def flame_head(self, context: bpy.types.Context) -> FlameHead:
        """Return the speaker's FLAME head.

        Raises:
            InputError: the speaker has none.
        """
        found = heads.find(context.scene, self.number)
        if not isinstance(found, FlameHead):
            raise InputError(f"Speaker {self.letter} has no FLAME head: add one first.")
        return found


class DUALTALK_OT_add_head(CharacterButton):
    """Build the built-in head for a speaker; Generate does so by itself where one is missing"""

    bl_idname = operator_names.ADD_HEAD
    bl_label = "Add Built-in Head"

    variant: EnumProperty(
        name="Face",
        description="Which of the built-in faces",
        items=[
            ("own", "The Speaker's", "The cast's first for A, its second for B, or who is free"),
            ("A", "Face A", "The first face"),
            ("B", "Face B", "The second face"),
        ],
    )

    def run(self, context: bpy.types.Context) -> str:
        """Build it; Generate gives it its place."""
        self.check_free(context)
        name = label(self.number)
        who = self.variant
        if who == "own":
            who = cast.unlike(builtin.names_of(heads.find_pair(context.scene)), self.number)
        collection = heads.collection(context.scene)
        builtin.build(HeadModel.bundled(), who, self.number, name, collection)
        return f"{name}: built-in head"


class DUALTALK_OT_add_flame_head(CharacterButton):
    """Give a speaker a head of your own FLAME model (2020 or 2023, .pkl or .npz)"""

    bl_idname = operator_names.ADD_FLAME_HEAD
    bl_label = "Add FLAME Head"

    filepath: StringProperty(
        name="FLAME Model",
        description="A FLAME file, .pkl or .npz",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )
    filter_glob: StringProperty(default="*.pkl;*.npz", options={"HIDDEN"})
    identity: StringProperty(
        name="Identity of",
        description="A .npz of the DualTalk data set whose person it shall be; empty: the mean",
        subtype="FILE_PATH",
    )
    n_identity: IntProperty(
        name="Identity Sliders",
        description="Count of sliders of the face's shape",
        default=100,
        min=0,
        max=300,
    )
    n_expression: EnumProperty(
        name="Expression Sliders",
        description="Count of sliders of the expression; the DualTalk network moves 50",
        items=[("50", "50", ""), ("100", "100", "")],
    )
    correctives: BoolProperty(
        name="Pose Correctives",
        description="Shape keys that follow the turns of neck, jaw and eyes",
        default=True,
    )
    names: BoolProperty(
        name="Named Shapes",
        description="Also the 40 ARKit shapes, taken over from the built-in head: names to "
        "animate with, and lids that close",
        default=True,
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for the file unless the preferences name it."""
        self.filepath = self.filepath or stored.get(context).flame
        if self.filepath:
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def run(self, context: bpy.types.Context) -> str:
        """Read the model and build the head."""
        self.check_free(context)
        path = self.filepath or stored.get(context).flame
        if not path:
            raise InputError("No FLAME model is chosen: choose your FLAME file (.pkl or .npz).")
        model = flame_file.load(Path(bpy.path.abspath(path)))
        shape = None
        if self.identity:
            shape = flame_file.load_identity(Path(bpy.path.abspath(self.identity)))
        options = flame_building.FlameOptions(
            shape, self.n_identity, int(self.n_expression), self.correctives, self.names
        )
        name = label(self.number)
        flame_building.build(model, self.number, name, heads.collection(context.scene), options)
        return f"{name} is a FLAME head now; Generate puts it in its place"


class DUALTALK_OT_copy_identity(CharacterButton):
    """Make a FLAME head the person of a .npz file of the DualTalk data set"""

    bl_idname = operator_names.COPY_IDENTITY
    bl_label = "Copy Identity"

    filepath: StringProperty(
        name="File",
        description="A .npz of the DualTalk data set, whose person it shall be",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )
    filter_glob: StringProperty(default="*.npz", options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Let the user choose a file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def run(self, context: bpy.types.Context) -> str:
        """Set the sliders and the joints."""
        head = self.flame_head(context)
        head.set_identity(flame_file.load_identity(Path(bpy.path.abspath(self.filepath))))
        return f"Speaker {self.letter} is the person of {Path(self.filepath).name} now"


class DUALTALK_OT_refit_joints(CharacterButton):
    """Put the joints of a FLAME head where the sliders of identity have moved them"""

    bl_idname = operator_names.REFIT_JOINTS
    bl_label = "Fit Joints to Identity"

    def run(self, context: bpy.types.Context) -> str:
        """Move the bones."""
        self.flame_head(context).refit_joints()
        return "The joints fit the identity"


class DUALTALK_OT_toggle_correctives(CharacterButton):
    """Turn the pose correctives of a FLAME head on or off"""

    bl_idname = operator_names.TOGGLE_CORRECTIVES
    bl_label = "Pose Correctives"

    def run(self, context: bpy.types.Context) -> str:
        """Turn them over."""
        head = self.flame_head(context)
        are_on = not head.are_correctives_on
        head.set_correctives(are_on)
        return f"Pose correctives are {'on' if are_on else 'off'}"


class DUALTALK_OT_bind_character(CharacterButton):
    """Let the selected character speak, in place of a head that DualTalk built: its face with
    shape keys of known names, and its bones"""

    bl_idname = operator_names.BIND_CHARACTER
    bl_label = "Use Selected Character"

    head: StringProperty(name="Head", description="Bone; empty: none", options={"SKIP_SAVE"})
    jaw: StringProperty(name="Jaw", description="Bone; empty: none", options={"SKIP_SAVE"})
    eye_left: StringProperty(
        name="Left Eye", description="Bone; empty: none", options={"SKIP_SAVE"}
    )
    eye_right: StringProperty(
        name="Right Eye", description="Bone; empty: none", options={"SKIP_SAVE"}
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Show what was found and let the user change the bones."""
        try:
            found = match_character(context.scene, _chosen(context))
        except DualTalkError as error:
            return self.fail(error)
        for role in ROLES:
            setattr(self, role, found.bones.get(role, ""))
        return context.window_manager.invoke_props_dialog(self, width=420)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the bones to choose from, and what the character lacks."""
        layout = self.layout
        layout.use_property_split = True
        try:
            found = match_character(context.scene, _chosen(context), self._bones())
        except DualTalkError as error:
            layout.label(text=str(error), icon="ERROR")
            return
        column = layout.column()
        column.enabled = found.armature is not None
        for role in ROLES if found.armature is not None else ():
            column.prop_search(
                self, role, found.armature.data, "bones", text=_BONE_LABELS[role], icon="BONE_DATA"
            )
        for line in summary(found):
            layout.label(text=line)

    def run(self, context: bpy.types.Context) -> str:
        """Bind it."""
        readiness.check_room(context.scene)
        collection = heads.collection(context.scene)
        character = binding.bind(
            context.scene, self.number, _chosen(context), collection, self._bones()
        )
        n_missing = len(character.missing)
        lacks = f"; {n_missing} shapes are missing" if n_missing else ""
        for line in character.hindrances:
            self.report({"WARNING"}, line)
        return f"Speaker {self.letter} is {character.mesh.name} now{lacks}"

    def _bones(self) -> dict[Role, str]:
        return {
            role: getattr(self, role) for role in ROLES if self.properties.is_property_set(role)
        }


class DUALTALK_OT_remove_character(CharacterButton):
    """Delete a head that DualTalk built, or let a bound character go as it was before"""

    bl_idname = operator_names.REMOVE_CHARACTER
    bl_label = "Remove"

    def run(self, context: bpy.types.Context) -> str:
        """Remove it."""
        removal.remove(context.scene, self.number)
        return f"Speaker {self.letter} has no head now"


def _chosen(context: bpy.types.Context) -> list[bpy.types.Object]:
    """Return the selected objects, the active one first."""
    return sorted(context.selected_objects, key=lambda obj: obj != context.active_object)


def summary(found: CharacterMatch) -> list[str]:
    """Return lines on what a character has and lacks."""
    lines = [f"{len(found.shapes.direct)} shapes found on {len(found.meshes)} meshes"]
    if found.derived:
        lines.append("Made from others: " + ", ".join(found.derived))
    if found.missing:
        lines.append("Missing: " + ", ".join(found.missing))
    return [*lines, *found.hindrances]


CLASSES = (
    DUALTALK_OT_add_head,
    DUALTALK_OT_add_flame_head,
    DUALTALK_OT_copy_identity,
    DUALTALK_OT_refit_joints,
    DUALTALK_OT_toggle_correctives,
    DUALTALK_OT_bind_character,
    DUALTALK_OT_remove_character,
)
