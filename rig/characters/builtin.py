"""The built-in head: somebody of the cast, with hair and clothes, and sliders to change them.

What a person is lies in shape keys `identity.*`. Joints, and the keys that close lips and lids, are
fitted to them by `BuiltinHead.fit`, so that sealed lips are sealed whoever it is.
"""

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.directing.gaze_curves import EYE_LIMITS_RAD
from ...core.errors import RigError
from ...core.faces.builtin_head import CORRECTIVES, HeadModel
from ...core.faces.cast import Person, person
from ...core.faces.looks import Look, material_colors, vertex_colors
from ...core.motion import Motion
from ...core.names import ARKIT_INDEX, ARKIT_SHAPES, JAW_OPEN_RAD, Basis
from .. import actions, compat, fcurves, property_names
from . import added_keys, construction, materials, wardrobe
from .built import BuiltHead, delete_mesh, note_head
from .character import Character, KeyTrack
from .wardrobe import Slot

#: The keys that close the lids.
LIDS = ("eyeBlinkLeft", "eyeBlinkRight")
#: The keys that depend on who it is, beside the corrective of jawOpen.
_FITTED = ("mouthClose", *LIDS)
_SLIDER, _CORRECTIVE = "identity.", ".corrective"
#: The sliders' ends; people lie between -1 and 1.
_LIMITS = (-1.5, 1.5)
#: Turn of the jaw about y that is jawLeft = 1, radians.
_JAW_SIDE_RAD = 0.12


@dataclass(frozen=True)
class BuiltinHead(BuiltHead):
    """One of the heads that come with the add-on."""

    kind: ClassVar[str] = "builtin"
    label: ClassVar[str] = "Built-in head"
    basis: ClassVar[Basis] = "arkit"

    @property
    def objects(self) -> tuple[bpy.types.Object, ...]:
        """All objects that make up the character, hair and clothes too."""
        return (*super().objects, *wardrobe.worn_by(self.armature).values())

    def key_tracks(self, motion: Motion) -> list[tuple[bpy.types.Object, list[KeyTrack]]]:
        """Return a track for each of ARKit's shapes that the head still has."""
        return [(self.mesh, named_tracks(self.mesh, ARKIT_SHAPES, motion))]

    def moved_keys(self, mesh: bpy.types.Object) -> frozenset[str]:
        """Return ARKit's shapes."""
        return frozenset(ARKIT_SHAPES)

    def lid_weights(self, mesh: bpy.types.Object) -> dict[str, dict[str, float]]:
        """Return the two lids, which are keys of their own."""
        return {name: {name: 1.0} for name in LIDS}

    def added_points(self, mesh: bpy.types.Object, key: str) -> NDArray[np.float64]:
        """Return a key's shape without what it does to the gap between the lips.

        So that whatever a mood adds, a mouth that is closed for a p, b or m stays closed.
        """
        blocks = mesh.data.shape_keys.key_blocks
        shaped = construction.key_points(blocks[key])
        if key in LIDS:
            return shaped
        lips = next(seal for seal in _model().seals if seal.name == "mouthClose")
        rest = construction.key_points(blocks[0])
        return shaped + lips.closing(shaped) - lips.closing(rest)

    @property
    def person(self) -> str:
        """The name of whom of the cast it was, once."""
        return str(self.armature.get(property_names.PERSON, ""))

    @property
    def sliders(self) -> list[bpy.types.ShapeKey]:
        """The keys that make the person."""
        keys = self.mesh.data.shape_keys.key_blocks
        return [key for key in keys if key.name.startswith(_SLIDER)]

    @property
    def identity(self) -> dict[str, float]:
        """The values of the sliders that are not 0, by name."""
        values = {key.name.removeprefix(_SLIDER): key.value for key in self.sliders}
        return {name: value for name, value in values.items() if value}

    @property
    def look(self) -> Look:
        """Its colours."""
        return Look.from_json(json.loads(self.armature.get(property_names.LOOK, "{}")))

    def as_person(self) -> Person:
        """Return who the head is now."""
        worn_now = wardrobe.worn_by(self.armature)
        style = {slot: wardrobe.style_of(obj) for slot, obj in worn_now.items()}
        return Person(
            self.person, "", self.identity, self.look, style.get("hair", "bald"),
            style.get("clothes", "tee"),
        )  # fmt: skip

    def is_fitted(self) -> bool:
        """Tell whether the sliders are where they were when the head was fitted to them."""
        noted = json.loads(self.armature.get(property_names.FITTED_TO, "{}"))
        now = self.identity
        return all(abs(noted.get(k, 0.0) - now.get(k, 0.0)) < 1e-4 for k in {*noted, *now})

    def become(self, who: Person, model: HeadModel) -> None:
        """Make the head another person; its keys and its place stay."""
        self.armature[property_names.PERSON] = who.name
        for key in self.sliders:
            key.value = who.identity.get(key.name.removeprefix(_SLIDER), 0.0)
        self.fit(model)
        styles: dict[Slot, str] = {"hair": who.hair, "clothes": who.clothes}
        for slot, style in styles.items():
            self.wear(slot, style, model)
        self.set_look(who.look, model)

    def fit(self, model: HeadModel) -> None:
        """Fit joints, lips, lids, hair and clothes to the sliders.

        Raises:
            RigError: the bones cannot be changed now, or the mesh is not the built-in head any
                more.
        """
        if len(self.mesh.data.vertices) != model.n_vertices:
            raise RigError(f"{self.mesh.name} is another mesh now: build the head again.")
        identity = self.identity
        construction.move_joints(self.armature, model.joints_of(identity))
        shapes, correctives = model.fitted(identity)
        wanted = {name: shapes[ARKIT_INDEX[name]] for name in _FITTED}
        wanted[f"jawOpen{_CORRECTIVE}"] = correctives[CORRECTIVES.index("jawOpen")]
        keys = self.mesh.data.shape_keys.key_blocks
        for name, displaced in wanted.items():
            if name in keys:
                construction.set_key_points(keys[name], model.vertices + displaced)
        for name in added_keys.keys_of(self.mesh):
            added_keys.ensure(self.mesh, name, self.added_points(self.mesh, name))
        wardrobe.fit(self.armature, model, identity)
        self.armature[property_names.FITTED_TO] = json.dumps(identity)
        self.mesh.data.update()

    def wear(self, slot: Slot, style: str, model: HeadModel) -> None:
        """Change hair or clothes.

        Raises:
            InputError: there is no such style.
        """
        before = wardrobe.worn_by(self.armature).get(slot)
        if before is not None and wardrobe.style_of(before) == style:
            return
        collection = self.mesh.users_collection[0]
        wardrobe.put_on(self.armature, model, slot, style, self.identity, collection)
        if before is not None:
            self._breathes_on(slot, before)
            delete_mesh(before)
        self.set_look(self.look, model)

    def _breathes_on(self, slot: Slot, before: bpy.types.Object) -> None:
        """Let what is worn now move as what was worn before did."""
        action = actions.playing(before)
        if action is not None:
            worn_now = next(obj for obj in self.armature.children if obj != before
                            and obj.get(property_names.WORN) == slot)  # fmt: skip
            compat.play(worn_now, action, compat.slot_name(before.animation_data))

    def set_look(self, look: Look, model: HeadModel) -> None:
        """Colour the head, its hair and its clothes."""
        self.armature[property_names.LOOK] = json.dumps(asdict(look))
        shaded = replace(look, stubble=max(look.stubble, wardrobe.scalp_shade(self.armature)))
        wardrobe.paint(self.mesh, vertex_colors(model, shaded))
        wardrobe.show_in_solid_view(self.mesh.data.materials, material_colors(look))
        wardrobe.color(self.armature, look)


@functools.cache
def _model() -> HeadModel:
    return HeadModel.bundled()


def names_of(characters: Iterable[Character | None]) -> set[str]:
    """Return whom of the cast built-in heads among characters are."""
    return {head.person for head in characters if isinstance(head, BuiltinHead)}


def named_tracks(mesh: bpy.types.Object, names: tuple[str, ...], motion: Motion) -> list[KeyTrack]:
    """Return a motion's coefficients as keys of these names, without those that are not there."""
    there = mesh.data.shape_keys.key_blocks
    rows = zip(names, motion.expression.T, strict=True)
    return [(name, values) for name, values in rows if name in there]


def build(
    model: HeadModel,
    who: Person | str,
    speaker: int,
    name: str,
    collection: bpy.types.Collection,
) -> BuiltinHead:
    """Build a head at the scene's origin, facing -y.

    Args:
        model: the head.
        who: somebody, or a name of the cast; "A" and "B" are its first two.
        speaker: 1 or 2.
        name: what the objects are called.
        collection: where they are linked; it must be in the scene of the context.

    Raises:
        InputError: there is nobody of that name, or a file is missing or damaged.
    """
    who = person(who) if isinstance(who, str) else who
    armature = construction.armature(name, model.joints_of(who.identity), collection)
    BuiltinHead.mark(armature, speaker)
    armature[property_names.PERSON] = who.name
    armature[property_names.FITTED_TO] = json.dumps(dict(who.identity))
    mesh = construction.mesh(name, model.vertices, model.face_sizes, model.face_corners, collection)
    _add_surface(mesh, model, name)
    head = BuiltinHead(armature, (mesh,))
    _add_keys(head, model, who.identity)
    construction.skin(mesh, armature, model.weights)
    note_head(armature, mesh)
    styles: dict[Slot, str] = {"hair": who.hair, "clothes": who.clothes}
    for slot, style in styles.items():
        wardrobe.put_on(armature, model, slot, style, who.identity, collection)
    head.set_look(who.look, model)
    return head


def _add_surface(mesh: bpy.types.Object, model: HeadModel, name: str) -> None:
    flat = material_colors(Look())
    for surface in model.material_names:
        made = materials.material(f"{name} {surface}", surface, flat[surface])
        mesh.data.materials.append(made)
    mesh.data.polygons.foreach_set("material_index", model.face_materials)
    layer = mesh.data.uv_layers.new(name=materials.UV)
    layer.data.foreach_set("uv", model.uvs[model.face_corners].astype(np.float32).ravel())
    wardrobe.add_rest(mesh, model.vertices)


def _add_keys(head: BuiltinHead, model: HeadModel, identity: Mapping[str, float]) -> None:
    """Add the ARKit keys and correctives at 0, and the sliders at this person's values.

    First those that move, as Blender looks each up by name in every frame.
    """
    mesh = head.mesh
    shapes, correctives = model.fitted(identity)
    mesh.shape_key_add(name="Basis", from_mix=False)
    for key_name, delta in zip(ARKIT_SHAPES, shapes, strict=True):
        construction.add_key(mesh, key_name, model.vertices + delta, (0.0, 1.0), 0.0)
    for key_name, delta in zip(CORRECTIVES, correctives, strict=True):
        points = model.vertices + delta
        key = construction.add_key(mesh, f"{key_name}{_CORRECTIVE}", points, (0.0, 1.5), 0.0)
        if key_name != "jawForward":  # no turn of a bone pushes the jaw out: a key to animate
            _drive(key, key_name, head)
    for key_name, delta in zip(model.identity_names, model.identities, strict=True):
        points, value = model.vertices + delta, identity.get(key_name, 0.0)
        construction.add_key(mesh, f"{_SLIDER}{key_name}", points, _LIMITS, value)


def _drive(key: bpy.types.ShapeKey, control: str, head: BuiltinHead) -> None:
    """Let a corrective follow the bone that its name speaks of; a closed lid needs no look."""
    driver = key.driver_add("value").driver
    driver.type = "SCRIPTED"
    bone, axis, factor = _turn(control)
    variable = driver.variables.new()
    variable.name, variable.type = "turn", "TRANSFORMS"
    construction.read_rotation(variable.targets[0], head.armature, bone, axis, "YXZ")
    driver.expression = f"max(0,{factor:.4f}*turn)"
    if control.startswith("eyeLook"):
        lid = driver.variables.new()
        lid.name, lid.type = "lid", "SINGLE_PROP"
        lid.targets[0].id_type = "KEY"
        lid.targets[0].id = head.mesh.data.shape_keys
        closes = LIDS[0] if control.endswith("Left") else LIDS[1]
        lid.targets[0].data_path = fcurves.key_path(closes)
        driver.expression += "*(1-lid)"


def _turn(control: str) -> tuple[str, str, float]:
    """Return the bone, its axis, and the factor that makes its angle the corrective's value."""
    if control == "jawOpen":
        return "jaw", "x", 1 / JAW_OPEN_RAD
    if control.startswith("jaw"):
        return "jaw", "y", (1 if control == "jawLeft" else -1) / _JAW_SIDE_RAD
    sideways, up, down = EYE_LIMITS_RAD
    bone = "eye_left" if control.endswith("Left") else "eye_right"
    way = control.removeprefix("eyeLook").removesuffix("Left").removesuffix("Right")
    # About x downwards is positive, about y the own left is, which is out for the left eye.
    out = 1 if bone == "eye_left" else -1
    return {
        "Up": (bone, "x", -1 / up),
        "Down": (bone, "x", 1 / down),
        "Out": (bone, "y", out / sideways),
        "In": (bone, "y", -out / sideways),
    }[way]
