"""An animator's own characters: bound they move as the built-in head does, unbound they are whole.

The strange characters here are the built-in head itself on other armatures: bones along other axes,
objects turned and scaled as importers leave them, shape keys of other names.
"""

from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest
from dualtalk.core.errors import RigError
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES, JAW_OPEN_RAD
from dualtalk.core.performance import Performance, Settings
from dualtalk.rig import property_names
from dualtalk.rig.characters import builtin, construction, heads, removal
from dualtalk.rig.characters.own import binding
from dualtalk.rig.characters.own.bound import BoundCharacter
from dualtalk.rig.characters.own.matching import match_character
from dualtalk.rig.gaze import gaze_rig
from dualtalk.rig.performance import motion_writer, scene_writer
from dualtalk.rig.performance.editing import edits
from dualtalk.rig.staging import placing
from dualtalk.tests.scenes import evaluated
from mathutils import Euler, Matrix, Vector

RIG_BONES = {"head": "neck", "jaw": "jaw", "eye_left": "eye_left", "eye_right": "eye_right"}
NAMES = {"neck": "mixamorig:Head", "jaw": "Jaw", "eye_left": "LeftEye", "eye_right": "RightEye"}


@pytest.fixture(scope="module")
def model() -> HeadModel:
    """Return the built-in head of the mean person."""
    return HeadModel.bundled()


#: Of the armature object: rotation, scale; and the way that the character faces in the world.
IMPORTS = {
    "as ours": (Euler((0, 0, 0)), 1.0),
    "fbx": (Euler((np.pi / 2, 0, 0)), 0.01),
    "turned": (Euler((0, 0, 2.0)), 1.0),
}


def strange(
    model: HeadModel,
    scene: bpy.types.Scene,
    way: str = "as ours",
    bones: tuple[str, ...] = ("neck", "jaw", "eye_left", "eye_right"),
    spell=str,  # type: ignore[no-untyped-def]
) -> tuple[bpy.types.Object, bpy.types.Object]:
    """Return a face and its armature, whose bones point wherever they like."""
    rotation, scale = IMPORTS[way]
    turn = Euler((0, 0, 2.0)) if way == "turned" else Euler((0, 0, 0))
    world = Matrix.Translation((0.3, -0.2, 0.1)) @ turn.to_matrix().to_4x4()
    placed = Matrix.Translation((0.3, -0.2, 0.1)) @ rotation.to_matrix().to_4x4()
    placed @= Matrix.Scale(scale, 4)
    into = placed.inverted() @ world
    armature = bpy.data.objects.new("Hero", bpy.data.armatures.new("Hero"))
    scene.collection.objects.link(armature)
    draw = np.random.default_rng(4)
    joints = dict(zip(("root", "neck", "jaw", "eye_left", "eye_right"), model.joints, strict=True))
    with construction.edited(armature):
        made = {}
        for name in ("root", *bones):
            bone = armature.data.edit_bones.new(NAMES.get(name, "Spine"))
            bone.head = into @ Vector(construction.to_blender(joints[name]))
            bone.tail = bone.head + Vector(draw.standard_normal(3)).normalized() * 0.05 / scale
            bone.roll = draw.uniform(-3, 3)
            made[name] = bone
        for name in bones:
            made[name].parent = made["root" if name == "neck" or "neck" not in made else "neck"]
    armature.matrix_world = placed
    face = construction.mesh(
        "Hero", model.vertices, model.face_sizes, model.face_corners, scene.collection
    )
    face.shape_key_add(name="Basis", from_mix=False)
    for name, delta in zip(ARKIT_SHAPES, model.shapes, strict=True):
        construction.add_key(face, spell(name), model.vertices + delta, (0.0, 1.0), 0.0)
    weights = model.weights.copy()
    for index, name in enumerate(("root", "neck", "jaw", "eye_left", "eye_right")):
        if name not in bones and name != "root":
            weights[:, 1 if "neck" in bones and name != "neck" else 0] += weights[:, index]
            weights[:, index] = 0
    construction.skin(face, armature, weights)
    for group in face.vertex_groups:
        group.name = NAMES.get(group.name, "Spine")
    face.data.transform(into)
    for key in face.data.shape_keys.key_blocks:
        points = np.empty(3 * len(key.points), np.float32)
        key.points.foreach_get("co", points)
        points = points.reshape(-1, 3) @ np.array(into)[:3, :3].T + np.array(into)[:3, 3]
        key.points.foreach_set("co", points.astype(np.float32).ravel())
    bpy.context.view_layer.update()
    return face, armature


def chatter(n_frames: int = 12) -> Motion:
    """Return a smooth random motion of everything."""
    draw = np.random.default_rng(7)
    turns = np.cumsum(draw.standard_normal((n_frames, 15)), axis=0) / 20
    values = np.cumsum(draw.standard_normal((n_frames, 40)), axis=0) / 10
    return Motion.from_arrays(
        np.abs(values) % 1, np.abs(turns[:, :3]), turns[:, 3:6], turns[:, 6:12].reshape(-1, 2, 3),
        turns[:, 12:] * 0.1,
    )  # fmt: skip


def without_identity(character: builtin.BuiltinHead, model: HeadModel) -> builtin.BuiltinHead:
    """Make a head the mean person, without correctives: the mesh is the model's own."""
    for key in character.mesh.data.shape_keys.key_blocks:
        if key.name.startswith("identity."):
            key.value = 0
        if key.name.endswith(".corrective"):
            key.driver_remove("value")
    character.fit(model)
    return character


@pytest.mark.parametrize("way", IMPORTS)
def test_a_bound_head_moves_as_the_built_in_one(
    scene: bpy.types.Scene, model: HeadModel, way: str
) -> None:
    face, _ = strange(model, scene, way)
    ours = without_identity(builtin.build(model, "A", 2, "Ours", scene.collection), model)
    before = evaluated(face)
    bound = binding.bind(scene, 1, [face], scene.collection)
    bpy.context.view_layer.update()
    np.testing.assert_allclose(evaluated(face), before, atol=2e-5)
    ours.armature.matrix_world = Matrix.Translation((0.3, -0.2, 0.1))
    if way == "turned":
        ours.armature.matrix_world @= Euler((0, 0, 2.0)).to_matrix().to_4x4()
    motion = chatter()
    # Both are moved away together: the motion is relative to where they stand.
    away = Matrix.Translation((1, 2, 0.5)) @ Euler((0.1, 0.2, -0.7)).to_matrix().to_4x4()
    for character in (bound, ours):
        motion_writer.write_motion(character, motion, scene, 1)
        character.armature.matrix_world = away @ character.armature.matrix_world
    for frame in (1, 6, 12):
        scene.frame_set(frame)
        wanted = evaluated(ours.mesh)
        assert np.abs(wanted - before).max() > 0.3
        np.testing.assert_allclose(evaluated(face), wanted, atol=1e-4)


def test_without_a_jaw_bone_the_jaws_key_opens(scene: bpy.types.Scene, model: HeadModel) -> None:
    face, _ = strange(model, scene, bones=("neck",))
    rest = np.array([v.co for v in face.data.vertices])
    lowered = construction.to_flame(rest) - np.array([0, 0.02, 0]) * model.weights[:, 2:3]
    construction.add_key(face, "jawOpen", lowered, (0.0, 1.0), 0.0)
    found = match_character(scene, [face])
    assert found.bones == {"head": "mixamorig:Head"}
    assert "jawOpen" in found.shapes.direct
    bound = binding.bind(scene, 1, [face], scene.collection)
    jaw = np.zeros((3, 3))
    jaw[:, 0] = np.array([0, 0.5, 2]) * JAW_OPEN_RAD
    motion_writer.write_motion(bound, Motion.from_arrays(np.zeros((3, 40)), jaw), scene, 1)
    values = []
    for frame in (1, 2, 3):
        scene.frame_set(frame)
        values.append(face.data.shape_keys.key_blocks["jawOpen"].value)
    assert values == pytest.approx([0, 0.5, 1], abs=1e-6)


def test_without_a_key_to_close_the_lips_the_jaw_stays_shut(
    scene: bpy.types.Scene, model: HeadModel
) -> None:
    face, _ = strange(model, scene)
    face.shape_key_remove(face.data.shape_keys.key_blocks["mouthClose"])
    bound = binding.bind(scene, 1, [face], scene.collection)
    expression = np.zeros((2, 40))
    expression[1, ARKIT_INDEX["mouthClose"]] = 0.75
    jaw = np.tile([0.75 * JAW_OPEN_RAD, 0, 0], (2, 1))
    motion_writer.write_motion(bound, Motion.from_arrays(expression, jaw), scene, 1)
    turns = []
    for frame in (1, 2):
        scene.frame_set(frame)
        turns.append(bound.armature.pose.bones["jaw"].rotation_quaternion.to_axis_angle()[1])
    assert turns == pytest.approx([0.75 * JAW_OPEN_RAD, 0], abs=1e-5)


def test_eyes_without_bones_look_by_their_keys(scene: bpy.types.Scene, model: HeadModel) -> None:
    face, _ = strange(model, scene, bones=("neck", "jaw"))
    looks = [f"eyeLook{way}{side}" for side in ("Left", "Right") for way in ("In", "Out", "Down")]
    for name in looks:
        face.shape_key_add(name=name, from_mix=False).value = 0
    bound = binding.bind(scene, 1, [face], scene.collection)
    eyes = np.zeros((1, 2, 3))
    eyes[0, :, :2] = (0.2, 0.3)  # down, and to the own left
    motion_writer.write_motion(bound, Motion.from_arrays(np.zeros((1, 40)), eyes=eyes), scene, 1)
    scene.frame_set(1)
    seen = face.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.shape_keys.key_blocks
    assert seen["eyeLookOutLeft"].value == pytest.approx(seen["eyeLookInRight"].value, abs=1e-4)
    assert seen["eyeLookOutLeft"].value > 0.3
    assert seen["eyeLookDownLeft"].value > 0.2
    assert seen["eyeLookInLeft"].value == seen["eyeLookOutRight"].value == 0
    place = bound.armature.matrix_world @ bound.armature.data.bones["eye_left"].head_local
    wanted = Vector((0.3, -0.2, 0.1)) + Vector(construction.to_blender(model.joints[3]))
    assert (place - wanted).length < 0.015


def test_a_mesh_without_an_armature_turns_as_a_whole(
    scene: bpy.types.Scene, model: HeadModel
) -> None:
    face, armature = strange(model, scene)
    face.modifiers.clear()
    face.parent = None
    bpy.data.objects.remove(armature)
    bound = binding.bind(scene, 1, [face], scene.collection)
    head = np.array([[0, 0, 0], [0, 0.5, 0]])
    motion_writer.write_motion(bound, Motion.from_arrays(np.zeros((2, 40)), head=head), scene, 1)
    scene.frame_set(1)
    start = evaluated(face)
    scene.frame_set(2)
    turned = evaluated(face)
    pivot = np.array(bound.armature.matrix_world @ bound.armature.data.bones["neck"].head_local)
    rotation = np.array(Matrix.Rotation(0.5, 3, "Z"))
    np.testing.assert_allclose(turned - pivot, (start - pivot) @ rotation.T, atol=1e-5)


def state(face: bpy.types.Object, armature: bpy.types.Object) -> dict[str, object]:
    """Return all that binding could have changed."""
    keys = face.data.shape_keys
    data = keys.animation_data
    return {
        "mesh": face.data,
        "values": {key.name: key.value for key in keys.key_blocks},
        "action": data.action if data else None,
        "drivers": [(d.data_path, d.mute) for d in data.drivers] if data else [],
        "constraints": [
            c.name for owner in (face, armature, *armature.pose.bones) for c in owner.constraints
        ],
        "matrices": [tuple(map(tuple, obj.matrix_world)) for obj in (face, armature)],
        "bones": [bone.name for bone in armature.data.bones],
        "objects": sorted(obj.name for obj in bpy.data.objects),
        "actions": sorted(action.name for action in bpy.data.actions),
        "meshes": sorted(mesh.name for mesh in bpy.data.meshes),
    }


def perform_on(scene: bpy.types.Scene) -> tuple[heads.Character, heads.Character]:
    """Let both characters talk, as `dualtalk.generate` does."""
    speaking = np.zeros((2, 12), bool)
    performance = Performance((chatter(), chatter()), (), speaking)
    return scene_writer.write_performance(scene, performance, Settings(with_voice_lights=True))


def test_unbinding_restores_everything(scene: bpy.types.Scene, model: HeadModel) -> None:
    face, armature = strange(model, scene)
    keys = face.data.shape_keys
    keys.key_blocks["cheekPuff"].value = 0.3
    keys.key_blocks["mouthPucker"].keyframe_insert("value", frame=1)
    driver = keys.key_blocks["mouthLeft"].driver_add("value").driver
    driver.expression = "0.25"
    own = armature.pose.bones["mixamorig:Head"].constraints.new("LIMIT_ROTATION")
    own.name = "Mine"
    bpy.context.view_layer.update()
    before = state(face, armature)
    binding.bind(scene, 1, [face], scene.collection)
    perform_on(scene)
    scene.frame_set(8)
    assert keys.key_blocks["mouthLeft"].value == pytest.approx(
        chatter().expression[7, ARKIT_INDEX["mouthLeft"]], abs=1e-5
    )
    removal.remove(scene, 1)
    removal.remove(scene, 2)
    for obj in [o for o in bpy.data.objects if o.type in ("CAMERA", "EMPTY")]:
        bpy.data.objects.remove(obj)
    stage = [o for o in bpy.data.objects if property_names.STAGE in o]
    bpy.data.batch_remove([*stage, *(o.data for o in stage if o.type == "MESH")])
    scene.frame_set(1)
    bpy.context.view_layer.update()
    assert state(face, armature) == before


def test_a_bound_pair_meets_eyes(scene: bpy.types.Scene, model: HeadModel) -> None:
    pairs = [strange(model, scene, way) for way in ("fbx", "turned")]
    for speaker, (face, _) in enumerate(pairs, start=1):
        binding.bind(scene, speaker, [face], scene.collection)
    rest = Performance((Motion.at_rest(12), Motion.at_rest(12)), (), np.zeros((2, 12), bool))
    first, second = scene_writer.write_performance(scene, rest, Settings())
    placing.place((first.armature, second.armature), Settings().staging)
    for character in (first, second):
        parts = gaze_rig.find_parts(character.armature)
        parts.gaze.animation_data.action = None
        parts.gaze.constraints[gaze_rig.PARTNER].influence = 1.0
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    for (_, armature), control, other in ((pairs[0], first, second), (pairs[1], second, first)):
        target = gaze_rig.find_parts(other.armature).face.evaluated_get(graph).matrix_world
        seen = armature.evaluated_get(graph)
        eye = seen.matrix_world @ seen.pose.bones["LeftEye"].matrix
        looks = eye.to_3x3().normalized() @ front_of_eye(control.armature)
        assert looks.angle(target.translation - eye.translation) < 0.01


def front_of_eye(control: bpy.types.Object) -> Vector:
    """Return what of the left eye's bone is its front, by way of the bone that it follows."""
    helper = control.data.bones["follow.eye_left"].matrix_local.to_3x3()
    return helper.inverted() @ Vector((0, -1, 0))


def test_a_new_partner_is_staged_before_the_one_who_stays(
    scene: bpy.types.Scene, model: HeadModel
) -> None:
    face, armature = strange(model, scene, "turned")
    binding.bind(scene, 1, [face], scene.collection)
    place = armature.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world.copy()
    first, second = perform_on(scene)
    scene.frame_set(1)
    first.armature.animation_data.action = None
    first.armature.pose.bones["root"].matrix_basis.identity()
    bpy.context.view_layer.update()
    found = armature.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world
    np.testing.assert_allclose(found, place, atol=1e-5)
    own, other = placing.current_placements((first.armature, second.armature))
    apart = np.linalg.norm(other.eyes_m - own.eyes_m)
    planned = Settings().staging.placements()
    assert apart == pytest.approx(np.linalg.norm(planned[1].eyes_m - planned[0].eyes_m), abs=1e-4)
    for before, after in ((planned[0].facing, own.facing), (planned[1].facing, other.facing)):
        across = np.array(planned[1].eyes_m - planned[0].eyes_m) / apart
        now = np.array(other.eyes_m - own.eyes_m) / apart
        assert after @ now == pytest.approx(before @ across, abs=1e-4)


@pytest.mark.parametrize("spelled", [str, lambda n: f"Face.{n}".replace("Left", "_L")])
def test_missing_and_derived_shapes_are_listed(
    scene: bpy.types.Scene, model: HeadModel, spelled
) -> None:  # type: ignore[no-untyped-def]
    face, _ = strange(model, scene, spell=spelled)
    keys = face.data.shape_keys.key_blocks
    for name in ("tongueOut", "mouthFunnel"):
        face.shape_key_remove(keys[spelled(name)])
    found = match_character(scene, [face])
    assert found.missing == ("tongueOut",)
    assert found.derived == {"mouthFunnel": spelled("mouthPucker")}
    assert found.bones.keys() == RIG_BONES.keys()


def test_a_scene_is_saved_and_unbound_later(
    scene: bpy.types.Scene, model: HeadModel, tmp_path: Path
) -> None:
    face, armature = strange(model, scene)
    before = state(face, armature)["values"]
    binding.bind(scene, 1, [face], scene.collection)
    perform_on(scene)
    face.name, armature.name = "Renamed", "Renamed too"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    scene = bpy.context.scene
    found = heads.find(scene, 1)
    assert found is not None
    assert [obj.name for obj in found.meshes] == ["Renamed"]
    removal.remove(scene, 1)
    keys = bpy.data.objects["Renamed"].data.shape_keys
    assert {key.name: key.value for key in keys.key_blocks} == before
    assert heads.find(scene, 1) is None
    assert not bpy.data.objects["Renamed too"].pose.bones["Jaw"].constraints


@pytest.fixture
def library(model: HeadModel, tmp_path: Path) -> Iterator[Path]:
    """Return a file with a character in a collection."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    face, armature = strange(model, bpy.context.scene)
    collection = bpy.data.collections.new("Hero")
    bpy.context.scene.collection.children.link(collection)
    for obj in (face, armature):
        bpy.context.scene.collection.objects.unlink(obj)
        collection.objects.link(obj)
    path = tmp_path / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(str(path), link=True) as (_, wanted):
        wanted.collections = ["Hero"]
    bpy.context.scene.render.fps = 25
    yield path
    bpy.ops.wm.read_factory_settings(use_empty=True)


def test_linked_characters_want_an_override(library: Path) -> None:
    scene = bpy.context.scene
    scene.collection.children.link(bpy.data.collections["Hero"])
    face = next(obj for obj in scene.objects if obj.type == "MESH")
    with pytest.raises(RigError, match="library override"):
        binding.bind(scene, 1, [face], scene.collection)
    assert not [obj for obj in bpy.data.objects if obj.library is None]


def test_overridden_characters_are_bound_saved_and_let_go(library: Path) -> None:
    scene = bpy.context.scene
    linked = bpy.data.collections["Hero"]
    linked.override_hierarchy_create(scene, bpy.context.view_layer, do_fully_editable=True)
    face = next(obj for obj in scene.objects if obj.type == "MESH")
    data = face.data
    assert data.library is not None
    binding.bind(scene, 1, [face], scene.collection)
    perform_on(scene)
    path = library.parent / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    scene = bpy.context.scene
    found = heads.find(scene, 1)
    assert found is not None
    motion = chatter()
    keys = found.mesh.data.shape_keys.key_blocks
    scene.frame_set(5)
    wanted = motion.expression[4, ARKIT_INDEX["mouthPucker"]]
    assert keys["mouthPucker"].value == pytest.approx(wanted, abs=1e-5)
    rig = found.armature[property_names.RIG]
    assert rig.override_library is not None
    turned = rig.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones["Jaw"]
    local = rig.convert_space(
        pose_bone=turned, matrix=turned.matrix, from_space="POSE", to_space="LOCAL"
    )
    angle = local.to_quaternion().to_axis_angle()[1]
    assert angle == pytest.approx(float(np.linalg.norm(motion.jaw[4])), abs=1e-4)
    removal.remove(scene, 1)
    face = next(obj for obj in scene.objects if obj.type == "MESH" and obj.override_library)
    assert face.data.library is not None
    assert not rig.pose.bones["Jaw"].constraints


def test_bad_choices_are_said_and_change_nothing(scene: bpy.types.Scene, model: HeadModel) -> None:
    plain = construction.mesh("Box", np.eye(3), np.array([3]), np.arange(3), scene.collection)
    with pytest.raises(RigError, match="no shape keys"):
        binding.bind(scene, 1, [plain], scene.collection)
    plain.shape_key_add(name="Basis")
    plain.shape_key_add(name="Bulge")
    with pytest.raises(RigError, match=r"known name \(it has Bulge"):
        binding.bind(scene, 1, [plain], scene.collection)
    with pytest.raises(RigError, match="No mesh"):
        binding.bind(scene, 1, [], scene.collection)
    face, armature = strange(model, scene)
    before = state(face, armature)
    with pytest.raises(RigError, match="no bone 'Nose'"):
        binding.bind(scene, 1, [face], scene.collection, {"head": "Nose"})
    assert state(face, armature) == before
    binding.bind(scene, 1, [face], scene.collection)
    with pytest.raises(RigError, match="belongs to speaker A"):
        binding.bind(scene, 2, [face], scene.collection)
    with pytest.raises(RigError, match="has a head already"):
        binding.bind(scene, 1, [face], scene.collection)


def check_refused_untouched(
    scene: bpy.types.Scene, face: bpy.types.Object, armature: bpy.types.Object, match: str
) -> None:
    """Bind a character that cannot be one, and see that nothing of it was changed."""
    bpy.context.view_layer.update()
    before = state(face, armature)
    with pytest.raises(RigError, match=match):
        binding.bind(scene, 1, [face], scene.collection)
    assert state(face, armature) == before


def test_a_mirrored_rig_is_refused(scene: bpy.types.Scene, model: HeadModel) -> None:
    face, armature = strange(model, scene)
    armature.scale.x *= -1
    check_refused_untouched(scene, face, armature, "Hero is mirrored")
    armature.scale.y *= -1  # turned by half, not mirrored
    bpy.context.view_layer.update()
    binding.bind(scene, 1, [face], scene.collection)


def test_a_character_that_another_scene_moves_is_refused(
    scene: bpy.types.Scene, model: HeadModel
) -> None:
    face, armature = strange(model, scene)
    binding.bind(scene, 2, [face], scene.collection)
    other = bpy.data.scenes.new("Shot 20")
    for obj in (face, armature):
        other.collection.objects.link(obj)
    before = state(face, armature)
    with pytest.raises(RigError, match=f"speaker B of the scene {scene.name} already"):
        binding.bind(other, 1, [face], other.collection)
    assert state(face, armature) == before
    removal.remove(scene, 2)
    bpy.context.window.scene = other
    binding.bind(other, 1, [face], other.collection)


def test_a_mirrored_face_is_refused(scene: bpy.types.Scene, model: HeadModel) -> None:
    face, armature = strange(model, scene)
    face.scale.z *= -1
    check_refused_untouched(scene, face, armature, f"{face.name} is mirrored")


def test_a_skewed_rig_is_refused(scene: bpy.types.Scene, model: HeadModel) -> None:
    face, armature = strange(model, scene)
    stretched = bpy.data.objects.new("Stretched", None)
    scene.collection.objects.link(stretched)
    stretched.scale.y = 1.6
    armature.parent, armature.rotation_euler.z = stretched, 0.7
    bpy.context.view_layer.update()
    with pytest.raises(RigError, match="Hero is skewed: a parent"):
        binding.bind(scene, 1, [face], scene.collection)
    armature.rotation_euler.z = 0.0  # stretched along its own axes alone
    face.rotation_euler = (0.0, 0.0, 0.0)
    bpy.context.view_layer.update()
    binding.bind(scene, 1, [face], scene.collection)


def test_chosen_bones_win_over_guessed_ones(scene: bpy.types.Scene, model: HeadModel) -> None:
    face, _ = strange(model, scene)
    found = match_character(scene, [face], {"head": "Spine", "jaw": ""})
    assert found.bones["head"] == "Spine"
    assert "jaw" not in found.bones
    assert "jawOpen" in found.missing


@pytest.mark.parametrize("deleted", ["Hero head", "Hero"])
def test_what_is_deleted_behind_our_back_is_said(
    scene: bpy.types.Scene, model: HeadModel, deleted: str
) -> None:
    face, armature = strange(model, scene)
    binding.bind(scene, 1, [face], scene.collection)
    gone = bpy.data.objects[deleted]
    kept = armature if gone == face else face
    bpy.data.objects.remove(gone)
    assert "was deleted" in heads.problem(scene, 1)
    with pytest.raises(RigError, match="was deleted"):
        perform_on(scene)
    assert not bpy.data.actions
    removal.remove(scene, 1)
    assert [obj.name for obj in bpy.data.objects] == [kept.name]
    assert heads.problem(scene, 1) == ""


def test_failing_half_way_leaves_nothing(
    scene: bpy.types.Scene, model: HeadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    face, armature = strange(model, scene)
    before = state(face, armature)

    def fail(*_: object) -> None:
        raise RigError("half way")

    monkeypatch.setattr(BoundCharacter, "mark", fail)
    with pytest.raises(RigError, match="half way"):
        binding.bind(scene, 1, [face], scene.collection)
    bpy.context.view_layer.update()
    assert state(face, armature) == before


def test_what_moves_it_deleted_by_hand_gives_the_character_back(
    scene: bpy.types.Scene, model: HeadModel
) -> None:
    face, armature = strange(model, scene)
    keys = face.data.shape_keys
    keys.key_blocks["mouthPucker"].keyframe_insert("value", frame=1)
    keys.animation_data.action.name = "Mine"
    driver = keys.key_blocks["mouthLeft"].driver_add("value").driver
    driver.expression = "0.25"
    keys.key_blocks["cheekPuff"].value = 0.3
    control = binding.bind(scene, 1, [face], scene.collection).armature
    perform_on(scene)
    bpy.data.objects.remove(control)
    assert "Remove" in heads.problem(scene, 1)
    removal.remove(scene, 1)
    assert keys.animation_data.action.name == "Mine"
    assert [d.mute for d in keys.animation_data.drivers] == [False]
    assert keys.key_blocks["cheekPuff"].value == pytest.approx(0.3)
    assert not [c for bone in armature.pose.bones for c in bone.constraints]
    assert not [name for name in face.keys() if name.startswith("dualtalk")]
    assert heads.problem(scene, 1) == ""
    binding.bind(scene, 1, [face], scene.collection)


def test_keys_that_never_move_go_on_while_bound(scene: bpy.types.Scene, model: HeadModel) -> None:
    face, _ = strange(model, scene)
    breathing = face.shape_key_add(name="breathe")
    for frame, value in ((1, 0.0), (9, 1.0)):
        breathing.value = value
        breathing.keyframe_insert("value", frame=frame)
        face.data.shape_keys.key_blocks["mouthPucker"].value = value
        face.data.shape_keys.key_blocks["mouthPucker"].keyframe_insert("value", frame=frame)
    binding.bind(scene, 1, [face], scene.collection)
    assert edits.are_known(scene)  # nothing was generated: Generate keeps no take of it
    for write in (lambda: None, lambda: perform_on(scene), lambda: perform_on(scene)):
        write()
        scene.frame_set(9)
        assert breathing.value == pytest.approx(1.0)
    own = chatter().expression[8, ARKIT_INDEX["mouthPucker"]]
    found = face.data.shape_keys.key_blocks["mouthPucker"].value
    assert found == pytest.approx(own, abs=1e-5)
    removal.remove(scene, 1)
    scene.frame_set(9)
    assert face.data.shape_keys.key_blocks["mouthPucker"].value == pytest.approx(1.0)
