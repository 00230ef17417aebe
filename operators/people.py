"""Who a built-in head is: somebody of the cast, somebody random, or what the sliders make."""

from dataclasses import replace

import bpy
from bpy.props import EnumProperty, FloatProperty, FloatVectorProperty, IntProperty

from .. import operator_names
from ..core.errors import InputError
from ..core.faces import cast
from ..core.faces.builtin_head import HeadModel
from ..core.faces.looks import Look
from ..core.speakers import SPEAKERS, label
from ..rig.characters import builtin, heads, wardrobe
from ..rig.characters.builtin import BuiltinHead
from .characters import CharacterButton

_COLORS = {"skin": "Skin", "lips": "Lips", "iris": "Iris", "hair": "Hair", "cloth": "Clothes",
           "cover": "Headscarf or Cap"}  # fmt: skip
_AMOUNTS = {"blush": "Blush", "beard": "Beard's Shadow", "brows": "Brows"}


def _color(name: str) -> FloatVectorProperty:
    return FloatVectorProperty(
        name=_COLORS[name], subtype="COLOR",
        description=f"Colour: {_COLORS[name].lower()}; red, green and blue, 0 to 1",
        size=3, min=0.0, max=1.0, default=getattr(Look(), name),
    )  # fmt: skip


def _amount(name: str) -> FloatProperty:
    return FloatProperty(
        name=_AMOUNTS[name], description=f"How much: {_AMOUNTS[name].lower()}, 0 to 1",
        subtype="FACTOR", min=0.0, max=1.0, default=getattr(Look(), name),
    )  # fmt: skip


class _PersonButton(CharacterButton):
    """A step that changes a built-in head."""

    def head(self, context: bpy.types.Context) -> BuiltinHead:
        """Return the speaker's built-in head.

        Raises:
            InputError: the speaker has none.
        """
        found = heads.find(context.scene, self.number)
        if not isinstance(found, BuiltinHead):
            raise InputError(f"Speaker {self.letter} has no built-in head: add one first.")
        return found


#: Blender keeps no reference to the texts of a list that is made when it is asked for.
_items: dict[str, list[tuple[str, str, str]]] = {}


def _cast_items(_button: object, _context: object) -> list[tuple[str, str, str]]:
    if "cast" not in _items:
        _items["cast"] = [(who.name, who.name, who.about) for who in cast.people()]
    return _items["cast"]


class DUALTALK_OT_choose_person(_PersonButton):
    """Let somebody of the cast play a speaker; place, keys and looks of a performance stay"""

    bl_idname = operator_names.CHOOSE_PERSON
    bl_label = "Choose Person"

    person: EnumProperty(name="Person", description="Who it shall be", items=_cast_items)

    def run(self, context: bpy.types.Context) -> str:
        """Build the head, or change it."""
        who, model = cast.person(self.person), HeadModel.bundled()
        if heads.find(context.scene, self.number) is None:
            self.check_free(context)
            collection = heads.collection(context.scene)
            builtin.build(model, who, self.number, label(self.number), collection)
        else:
            self.head(context).become(who, model)
        return f"{label(self.number)} is {who.name} now"


class DUALTALK_OT_become_another(_PersonButton):
    """Make a head somebody new: sliders, colours, hair and clothes by chance"""

    bl_idname = operator_names.BECOME_ANOTHER
    bl_label = "Random Person"

    seed: IntProperty(
        name="Seed",
        description="The same number is the same person; 0: the next one",
        default=0,
        min=0,
        options={"SKIP_SAVE"},
    )

    def run(self, context: bpy.types.Context) -> str:
        """Draw the person."""
        head, model = self.head(context), HeadModel.bundled()
        last = head.person.removeprefix("Random ")
        self.seed = self.seed or (int(last) if last.isdigit() else 10 * self.number) + 1
        who = cast.random_person(self.seed, model.identity_names)
        head.become(who, model)
        return f"{label(self.number)} is random person {self.seed} now"


class DUALTALK_OT_copy_person(_PersonButton):
    """Make a head the person that the other speaker is"""

    bl_idname = operator_names.COPY_PERSON
    bl_label = "Copy from Other"

    def run(self, context: bpy.types.Context) -> str:
        """Copy sliders, colours, hair and clothes."""
        head = self.head(context)
        other = next(number for number in SPEAKERS if number != self.number)
        source = heads.find(context.scene, other)
        if not isinstance(source, BuiltinHead):
            raise InputError(f"{label(other)} has no built-in head to copy.")
        head.become(source.as_person(), HeadModel.bundled())
        return f"{label(self.number)} looks like {label(other).lower()} now"


class DUALTALK_OT_fit_person(_PersonButton):
    """Fit joints, lips, lids, hair and clothes to sliders that were moved"""

    bl_idname = operator_names.FIT_PERSON
    bl_label = "Fit Face to Sliders"

    def run(self, context: bpy.types.Context) -> str:
        """Fit them."""
        self.head(context).fit(HeadModel.bundled())
        return "Joints, lips, lids, hair and clothes fit the sliders"


class DUALTALK_OT_color_person(_PersonButton):
    """Change the colours of skin, lips, eyes, hair and clothes"""

    bl_idname = operator_names.COLOR_PERSON
    bl_label = "Colours"

    skin: _color("skin")
    lips: _color("lips")
    iris: _color("iris")
    hair: _color("hair")
    cloth: _color("cloth")
    cover: _color("cover")
    blush: _amount("blush")
    beard: _amount("beard")
    brows: _amount("brows")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Show the colours that the head has."""
        try:
            look = self.head(context).look
        except InputError as error:
            return self.fail(error)
        for name in (*_COLORS, *_AMOUNTS):
            setattr(self, name, getattr(look, name))
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw them."""
        self.layout.use_property_split = True
        for name in (*_COLORS, *_AMOUNTS):
            self.layout.prop(self, name)

    def run(self, context: bpy.types.Context) -> str:
        """Set those that were given."""
        head = self.head(context)
        given = [n for n in (*_COLORS, *_AMOUNTS) if self.properties.is_property_set(n)]
        values = {name: getattr(self, name) for name in given}
        values |= {name: tuple(values[name]) for name in _COLORS if name in values}
        head.set_look(replace(head.look, **values), HeadModel.bundled())
        return f"{label(self.number)} has new colours"


class _Wear(_PersonButton):
    slot: wardrobe.Slot

    def run(self, context: bpy.types.Context) -> str:
        """Put it on."""
        self.head(context).wear(self.slot, self.style, HeadModel.bundled())
        return f"{label(self.number)} wears {self.style} now"


def _style_items(slot: wardrobe.Slot) -> list[tuple[str, str, str]]:
    if slot not in _items:
        titles = {"vneck": "V-neck"}
        _items[slot] = [
            (style, titles.get(style, style.capitalize()), "") for style in wardrobe.styles(slot)
        ]
    return _items[slot]


def _hair_items(_button: object, _context: object) -> list[tuple[str, str, str]]:
    return _style_items("hair")


def _clothes_items(_button: object, _context: object) -> list[tuple[str, str, str]]:
    return _style_items("clothes")


class DUALTALK_OT_wear_hair(_Wear):
    """Change a head's hair"""

    bl_idname = operator_names.WEAR_HAIR
    bl_label = "Hair"
    slot = "hair"

    style: EnumProperty(name="Hair", description="The hair style", items=_hair_items)


class DUALTALK_OT_wear_clothes(_Wear):
    """Change what a head's bust wears"""

    bl_idname = operator_names.WEAR_CLOTHES
    bl_label = "Clothes"
    slot = "clothes"

    style: EnumProperty(name="Clothes", description="Which", items=_clothes_items)


CLASSES = (
    DUALTALK_OT_choose_person,
    DUALTALK_OT_become_another,
    DUALTALK_OT_copy_person,
    DUALTALK_OT_fit_person,
    DUALTALK_OT_color_person,
    DUALTALK_OT_wear_hair,
    DUALTALK_OT_wear_clothes,
)
