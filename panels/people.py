"""The cast with its portraits, and the sliders, colours, hair and clothes of a built-in head."""

from collections.abc import Iterable

import bpy

from .. import operator_names, status
from ..core.faces import cast
from ..core.paths import ASSETS
from . import drawing

_PORTRAITS = ASSETS / "cast"
_COLUMNS, _ICON_SCALE = 4, 3.4
#: Title -> how the names of its sliders begin.
_GROUPS: dict[str, tuple[str, ...]] = {
    "Person": ("masculine", "age", "african", "asian", "caucasian", "weight", "muscle"),
    "Head": ("head", "face", "forehead", "temples", "cheek", "neck"),
    "Jaw and Chin": ("jaw", "chin"),
    "Nose": ("nose", "nostrils"),
    "Mouth": ("mouth", "upper_lip", "lower_lip"),
    "Eyes and Brows": ("eye", "brow"),
    "Ears": ("ear",),
}


class _PersonPanel:
    """What the panels of both speakers share."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set
    speaker: int


class _Looks(_PersonPanel):
    """The cast, and buttons that change who it is."""

    bl_parent_id = "DUALTALK_PT_characters"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Show it for a built-in head, and where there is no head yet."""
        person = status.person_of(context.scene, cls.speaker)
        return not person.problem and (bool(person.sliders) or not person.label)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw portraits and buttons."""
        person = status.person_of(context.scene, self.speaker)
        _draw_cast(self.layout, self.speaker, person.name)
        if person.sliders:
            _draw_buttons(self.layout, person, str(self.speaker))


class _Sliders(_PersonPanel):
    """The sliders of a built-in head."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Show them for a built-in head."""
        return bool(status.person_of(context.scene, cls.speaker).sliders)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw them in groups."""
        person = status.person_of(context.scene, self.speaker)
        if not person.is_fitted:
            row = self.layout.row()
            row.alert = True
            button = row.operator(operator_names.FIT_PERSON, icon="MOD_MESHDEFORM")
            button.speaker = str(self.speaker)
        for title, starts in _GROUPS.items():
            self.layout.label(text=title)
            _draw_sliders(
                self.layout, [key for key in person.sliders if _name(key).startswith(starts)]
            )


class DUALTALK_PT_person_a(_Looks, bpy.types.Panel):
    """Who speaker A is"""

    bl_label = "Who A Is"
    speaker = 1


class DUALTALK_PT_person_b(_Looks, bpy.types.Panel):
    """Who speaker B is"""

    bl_label = "Who B Is"
    speaker = 2


class DUALTALK_PT_sliders_a(_Sliders, bpy.types.Panel):
    """What makes A's head somebody"""

    bl_label = "Sliders"
    bl_parent_id = "DUALTALK_PT_person_a"
    speaker = 1


class DUALTALK_PT_sliders_b(_Sliders, bpy.types.Panel):
    """What makes B's head somebody"""

    bl_label = "Sliders"
    bl_parent_id = "DUALTALK_PT_person_b"
    speaker = 2


def _draw_cast(layout: bpy.types.UILayout, speaker: int, current: str) -> None:
    """Draw everybody of the cast, to be picked with a click."""
    grid = layout.grid_flow(row_major=True, columns=_COLUMNS, even_columns=True, align=True)
    for member in cast.people():
        cell = grid.column(align=True)
        icon = drawing.picture(_PORTRAITS / f"{member.name}.png")
        if icon:
            cell.template_icon(icon_value=icon, scale=_ICON_SCALE)
        button = cell.operator(
            operator_names.CHOOSE_PERSON, text=member.name, depress=member.name == current
        )
        button.speaker, button.person = str(speaker), member.name


def _draw_buttons(layout: bpy.types.UILayout, person: status.Person, number: str) -> None:
    row = layout.row(align=True)
    row.operator(operator_names.BECOME_ANOTHER, text="Random", icon="FILE_REFRESH").speaker = number
    row.operator(operator_names.COPY_PERSON, icon="COPYDOWN").speaker = number
    row = layout.row(align=True)
    row.operator_menu_enum(operator_names.WEAR_HAIR, "style", text="Hair").speaker = number
    row.operator_menu_enum(operator_names.WEAR_CLOTHES, "style", text="Clothes").speaker = number
    row = layout.row(align=True)
    row.operator_context = "INVOKE_DEFAULT"
    row.operator(operator_names.COLOR_PERSON, icon="COLOR").speaker = number


def _draw_sliders(layout: bpy.types.UILayout, keys: Iterable[bpy.types.ShapeKey]) -> None:
    column = layout.column(align=True)
    for key in keys:
        column.prop(key, "value", text=_name(key).replace("_", " ").title(), slider=True)


def _name(key: bpy.types.ShapeKey) -> str:
    return key.name.removeprefix("identity.")


def unregister() -> None:
    """Let the pictures go, those of other panels too."""
    drawing.forget_pictures()


CLASSES = (
    DUALTALK_PT_person_a,
    DUALTALK_PT_person_b,
    DUALTALK_PT_sliders_a,
    DUALTALK_PT_sliders_b,
)
