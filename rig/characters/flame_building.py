"""Building a FLAME head from a FLAME file's arrays."""

from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.errors import RigError
from ...core.faces.builtin_head import HeadModel
from ...core.faces.flame_model import MAX_IDENTITY, N_CORRECTIVES, FlameModel
from ...core.faces.shape_transfer import transferred
from ...core.names import ARKIT_SHAPES, BONES
from . import construction
from .built import note_head
from .flame import LIMITS, PIVOT, REGRESSOR, FlameHead, expression_name

Floats = NDArray[np.floating]

_TURNED = BONES[1:]
_AXES = "xyz"
#: Elements of a rotation matrix less identity, row-major, from the unit quaternion w x y z. Plain
#: arithmetic: Blender evaluates it without Python.
_ELEMENTS = (
    "-2*(y*y+z*z)", "2*(x*y-w*z)", "2*(x*z+w*y)",
    "2*(x*y+w*z)", "-2*(x*x+z*z)", "2*(y*z-w*x)",
    "2*(x*z-w*y)", "2*(y*z+w*x)", "-2*(x*x+y*y)",
)  # fmt: skip
_SKIN = {1: (0.62, 0.42, 0.33, 1.0), 2: (0.36, 0.22, 0.16, 1.0)}
_EYES = {"eye": (0.86, 0.86, 0.84, 1.0), "iris": (0.10, 0.17, 0.22, 1.0)}
#: The iris is the cap of an eyeball within this angle of its front.
_IRIS_COS = np.cos(np.radians(24))


@dataclass(frozen=True)
class FlameOptions:
    """What a FLAME head is built with."""

    shape: Floats | None = None  #: (up to 300,) coefficients of this person's identity
    n_identity: int = 100  #: how many of them get a slider; the others are fixed in the mesh
    n_expression: int = 50
    with_correctives: bool = True
    with_names: bool = True  #: also the 40 ARKit shapes, taken over from the built-in head


def build(
    model: FlameModel,
    speaker: int,
    name: str,
    collection: bpy.types.Collection,
    options: FlameOptions = FlameOptions(),
) -> FlameHead:
    """Build a FLAME head at the scene's origin, facing -y.

    Args:
        model: as `core.faces.flame_file.load` reads it.
        speaker: 1 or 2.
        name: what the objects are called.
        collection: where they are linked; it must be in the scene of the context.
        options: how many sliders it gets.

    Raises:
        RigError: the model has fewer coefficients than the options ask for.
    """
    _check(model, options)
    given = np.zeros(0) if options.shape is None else options.shape
    shape = np.pad(given, (0, MAX_IDENTITY - len(given)))
    fixed = shape.copy()
    fixed[: options.n_identity] = 0
    n_fixed = model.identity_dirs.shape[2]
    basis = model.template + model.identity_dirs @ fixed[:n_fixed]
    armature = construction.armature(name, model.joint_regressor @ basis, collection)
    FlameHead.mark(armature, speaker)
    corners = model.faces.ravel()
    mesh = construction.mesh(name, basis, np.full(len(model.faces), 3), corners, collection)
    _add_regressor(mesh, model.joint_regressor)
    note_head(armature, mesh)
    character = FlameHead(armature, (mesh,))
    _add_keys(character, basis, model, options)
    _add_materials(mesh, basis, model, name, speaker)
    construction.skin(mesh, armature, model.weights)
    _add_pivots(armature)
    character.set_identity(shape[: options.n_identity])
    return character


def _check(model: FlameModel, options: FlameOptions) -> None:
    counts = (
        ("identity", options.n_identity, model.identity_dirs.shape[2]),
        ("expression", options.n_expression, model.expression_dirs.shape[2]),
    )
    for what, wanted, n_there in counts:
        if not 0 <= wanted <= n_there:
            raise RigError(
                f"{wanted} sliders of {what} are asked for: choose 0 to {n_there}, which this "
                "FLAME file has."
            )
    n_given = 0 if options.shape is None else len(options.shape)
    if n_given > MAX_IDENTITY:
        raise RigError(f"{n_given} coefficients of identity are given, but FLAME has 300.")


def _add_regressor(obj: bpy.types.Object, regressor: Floats) -> None:
    """Keep the joint regressor with the mesh, so that the file is not needed again."""
    for bone, row in zip(BONES, regressor, strict=True):
        attribute = obj.data.attributes.new(f"{REGRESSOR}{bone}", "FLOAT", "POINT")
        attribute.data.foreach_set("value", row.astype(np.float32))


def _add_keys(
    character: FlameHead, basis: Floats, model: FlameModel, options: FlameOptions
) -> None:
    """Add all shape keys; first those that move, as Blender looks each up by name in every frame.

    With identity first a frame of two heads takes a quarter longer.
    """
    obj = character.mesh
    obj.shape_key_add(name="Basis", from_mix=False)
    if options.with_names:
        named = transferred(HeadModel.bundled(), model, basis)
        for name, displaced in zip(ARKIT_SHAPES, named, strict=True):
            construction.add_key(obj, name, basis + displaced, (0.0, 1.0), 0.0)
    for index in range(options.n_expression):
        points = basis + model.expression_dirs[..., index]
        construction.add_key(obj, expression_name(index), points, LIMITS, 0.0)
    if options.with_correctives:
        _add_correctives(character, basis, model.pose_dirs)
    for index in range(options.n_identity):
        points = basis + model.identity_dirs[..., index]
        construction.add_key(obj, f"identity.{index + 1:03d}", points, LIMITS, 0.0)


def _add_materials(
    obj: bpy.types.Object, basis: Floats, model: FlameModel, name: str, speaker: int
) -> None:
    """Give skin, eyeballs and irises their colours; eyeballs are what hangs on the eyes alone."""
    colors = {"skin": _SKIN[speaker], **_EYES}
    for part, color in colors.items():
        obj.data.materials.append(construction.material(f"{name} {part}", color, 0.45))
    of_vertex = np.zeros(model.n_vertices, np.int32)
    joints = model.joint_regressor @ basis
    for eye in (BONES.index("eye_left"), BONES.index("eye_right")):
        is_eye = model.weights[:, eye] > 0.95
        outwards = basis - joints[eye]
        outwards /= np.linalg.norm(outwards, axis=1, keepdims=True) + 1e-9
        of_vertex[is_eye] = np.where(outwards[is_eye, 2] > _IRIS_COS, 2, 1)
    obj.data.polygons.foreach_set("material_index", of_vertex[model.faces].min(axis=1))


def _add_correctives(character: FlameHead, basis: Floats, pose_dirs: Floats) -> None:
    for index in range(N_CORRECTIVES):
        bone, element = _TURNED[index // 9], index % 9
        name = f"pose.{bone}.{_AXES[element // 3]}{_AXES[element % 3]}"
        key = construction.add_key(
            character.mesh, name, basis + pose_dirs[..., index], (-2.0, 2.0), 0.0
        )
        _drive(key, _ELEMENTS[element], character.armature, bone)


def _drive(key: bpy.types.ShapeKey, element: str, armature: bpy.types.Object, bone: str) -> None:
    driver = key.driver_add("value").driver
    driver.type = "SCRIPTED"
    for letter in "wxyz":
        if letter in element:
            variable = driver.variables.new()
            variable.name, variable.type = letter, "TRANSFORMS"
            construction.read_rotation(variable.targets[0], armature, bone, letter)
    driver.expression = element


def _add_pivots(armature: bpy.types.Object) -> None:
    for bone in BONES:
        pivot = armature.pose.bones[bone].constraints.new("PIVOT")
        pivot.name = PIVOT
        pivot.owner_space = "LOCAL"
        pivot.rotation_range = "ALWAYS_ACTIVE"
