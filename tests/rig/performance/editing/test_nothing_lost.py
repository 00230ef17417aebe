"""What is the user's survives Generate and Remove, and a generation that fails changes nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
import soundfile
from dualtalk.core.errors import RigError
from dualtalk.core.motion import Motion
from dualtalk.core.performance import Performance, Settings
from dualtalk.core.speakers import SPEAKERS
from dualtalk.rig import compat, fcurves, property_names
from dualtalk.rig.characters import heads, removal
from dualtalk.rig.gaze import gaze_rig
from dualtalk.rig.performance import (
    motion_writer,
    scene_settings,
    scene_writer,
    sound_strips,
    transaction,
)
from dualtalk.rig.staging import placing, stage_set, voice_lights

N_FRAMES = 30
#: The wheel of Blender 4.2 plays no sound.
needs_sound = pytest.mark.skipif(
    not bpy.app.build_options.audaspace, reason="this Blender was built without sound"
)


@pytest.fixture
def scene() -> bpy.types.Scene:
    """Return an empty scene at 25 frames per second."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.render.fps = 25
    return bpy.context.scene


@pytest.fixture
def sounds(tmp_path: Path) -> tuple[Path, Path]:
    """Return two short sounds."""
    paths = (tmp_path / "a.wav", tmp_path / "b.wav")
    for path in paths:
        soundfile.write(path, 0.1 * np.sin(np.arange(16_000) / 10), 16_000)
    return paths


def generate(
    scene: bpy.types.Scene, sounds: tuple[Path, ...] = (), first_frame: int = 1
) -> list[str]:
    """Write a performance and return what the user is told."""
    motion = Motion.from_arrays(
        np.full((N_FRAMES, 40), 0.2), jaw=np.tile([0.1, 0, 0], (N_FRAMES, 1))
    )
    speaking = np.zeros((2, N_FRAMES), bool)
    speaking[0, :15] = speaking[1, 15:] = True
    notes: list[str] = []
    performance = Performance((motion, motion), sounds, speaking)
    settings = Settings(first_frame=first_frame, with_voice_lights=True)
    scene_writer.write_performance(scene, performance, settings, notes=notes)
    return notes


def armature(scene: bpy.types.Scene, speaker: int = 1) -> bpy.types.Object:
    found = heads.find(scene, speaker)
    assert found is not None
    return found.armature


def reloaded(tmp_path: Path) -> bpy.types.Scene:
    """Save the file, which forgets what nobody uses, and open it again."""
    path = str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    return bpy.context.scene


def duplicated(*objects: bpy.types.Object, linked: bool = False) -> bpy.types.Object:
    for obj in bpy.context.view_layer.objects:
        obj.select_set(obj in objects)
    bpy.context.view_layer.objects.active = objects[0]
    bpy.ops.object.duplicate(linked=linked)
    return bpy.context.object


@pytest.mark.parametrize("of_face", [False, True])
def test_an_own_action_is_kept_and_said(
    scene: bpy.types.Scene, tmp_path: Path, of_face: bool
) -> None:
    generate(scene)
    body = armature(scene)
    owner = heads.find(scene, 1).mesh.data.shape_keys if of_face else body
    owner.animation_data.action = bpy.data.actions.new("Mine")
    if of_face:
        owner.key_blocks["mouthPucker"].keyframe_insert("value", frame=1)
    else:
        body.location = (5, 0, 0)
        body.keyframe_insert("location", frame=1)
    notes = generate(scene)
    assert any("Mine" in note for note in notes)
    assert owner.animation_data.action.name != "Mine"
    reloaded(tmp_path)
    assert "Mine" in bpy.data.actions


@pytest.mark.parametrize("way", ["copied", "renamed"])
def test_a_copied_or_renamed_action_of_ours_is_the_users(scene: bpy.types.Scene, way: str) -> None:
    generate(scene)
    data = armature(scene).animation_data
    slot = compat.slot_name(data)
    mine = data.action.copy() if way == "copied" else data.action
    mine.name = "Final v3"
    compat.play(armature(scene), mine, slot)
    generate(scene)
    assert bpy.data.actions["Final v3"].use_fake_user or bpy.data.actions["Final v3"].users
    assert armature(scene).animation_data.action.name.startswith("Speaker A DualTalk")


def test_keys_on_the_object_and_on_own_shapes_go_on(scene: bpy.types.Scene) -> None:
    generate(scene)
    body, mesh = armature(scene), heads.find(scene, 1).mesh
    for frame, x in ((1, 0.0), (21, 2.0)):
        body.location.x = x
        body.keyframe_insert("location", frame=frame)
    own = mesh.shape_key_add(name="breathe")
    own.value = 1.0
    own.keyframe_insert("value", frame=5)
    curve = fcurves.find_fcurve(body, "location", 0)
    curve.modifiers.new("CYCLES").mode_after = "MIRROR"
    curve.keyframe_points[0].interpolation = "BOUNCE"
    for _ in range(2):
        generate(scene)
    scene.frame_set(21)
    assert body.location.x == pytest.approx(2.0)
    curve = fcurves.find_fcurve(body, "location", 0)
    assert curve.modifiers[0].mode_after == "MIRROR"
    assert curve.keyframe_points[0].interpolation == "BOUNCE"
    found = fcurves.find_fcurve(mesh.data.shape_keys, 'key_blocks["breathe"].value')
    assert found is not None
    assert len(found.keyframe_points) == 1


def test_generating_leaves_no_more_actions_each_time(scene: bpy.types.Scene) -> None:
    generate(scene)
    first = sorted(action.name for action in bpy.data.actions)
    for _ in range(3):
        generate(scene)
    assert sorted(action.name for action in bpy.data.actions) == first


def test_what_hangs_on_helpers_and_bones_stays(scene: bpy.types.Scene) -> None:
    generate(scene)
    helper = gaze_rig.find_parts(armature(scene)).face
    glasses, lamp = (bpy.data.objects.new(name, None) for name in ("Glasses", "Lamp"))
    for obj in (glasses, lamp):
        scene.collection.objects.link(obj)
    glasses.parent = helper
    lamp.constraints.new("TRACK_TO").target = helper
    generate(scene)
    assert glasses.parent == helper == gaze_rig.find_parts(armature(scene)).face
    assert lamp.constraints[0].target == helper
    bpy.context.view_layer.update()
    place = glasses.matrix_world.translation.copy()
    removal.remove(scene, 1)
    bpy.context.view_layer.update()
    assert (glasses.matrix_world.translation - place).length < 1e-5


def test_a_constraint_named_like_ours_stays(scene: bpy.types.Scene) -> None:
    generate(scene)
    own = armature(scene).pose.bones["neck"].constraints.new("COPY_ROTATION")
    target = bpy.data.objects.new("Target", None)
    scene.collection.objects.link(target)
    own.name, own.target = "DualTalk turn", target
    generate(scene)
    found = [c.target for c in armature(scene).pose.bones["neck"].constraints]
    assert target in found


def test_a_duplicate_is_the_users(scene: bpy.types.Scene) -> None:
    generate(scene)
    original = heads.find(scene, 1)
    copy = duplicated(original.armature, original.mesh)
    played = copy.animation_data.action.name
    generate(scene)
    assert heads.find(scene, 1).armature == original.armature
    assert copy.animation_data.action.name in (played, f"{played}.001")
    removal.remove(scene, 1)
    assert heads.find(scene, 1) is None
    left = [obj for obj in scene.objects if obj.type == "ARMATURE"]
    assert copy in left
    assert [child for child in copy.children if child.type == "MESH"]


def test_a_linked_duplicate_keeps_its_data(scene: bpy.types.Scene) -> None:
    generate(scene)
    original = heads.find(scene, 1)
    copy = duplicated(original.armature, original.mesh, linked=True)
    copy.name = "Mine"
    removal.remove(scene, 1)
    assert "Mine" in scene.objects
    mesh = next(child for child in copy.children if child.type == "MESH")
    assert mesh.data.shape_keys.animation_data.action is not None


def test_a_skinned_mesh_of_the_users_stays(scene: bpy.types.Scene) -> None:
    generate(scene)
    hair = bpy.data.objects.new("Hair", bpy.data.meshes.new("Hair"))
    scene.collection.objects.link(hair)
    hair.parent = armature(scene)
    hair.modifiers.new("Armature", "ARMATURE").object = armature(scene)
    removal.remove(scene, 1)
    assert "Hair" in scene.objects


def test_delta_transforms_are_the_users(scene: bpy.types.Scene) -> None:
    generate(scene)
    pair = (armature(scene, 1), armature(scene, 2))
    pair[0].delta_location = (1.0, 0.0, 0.0)
    generate(scene)
    placing.place(pair, Settings().staging)
    assert tuple(pair[0].delta_location) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("before", "after"),
    [((1, 250), (101, 130)), ((1, 2000), (1, 2000)), ((110, 120), (101, 130)), ((5, 60), (5, 130))],
)
def test_the_range_is_only_widened(
    scene: bpy.types.Scene, before: tuple[int, int], after: tuple[int, int]
) -> None:
    scene.frame_start, scene.frame_end = before
    notes = generate(scene, first_frame=101)
    assert (scene.frame_start, scene.frame_end) == after
    assert any("range" in note for note in notes) == (before != (1, 250))


def test_what_lies_before_frame_0_is_said(scene: bpy.types.Scene) -> None:
    for _ in range(2):  # the range of the first is ours, not the user's
        notes = generate(scene, first_frame=-10)
        assert (scene.frame_start, scene.frame_end) == (0, 19)
        (said,) = (note for note in notes if "range" in note)
        assert said.startswith("10 frames lie before frame 0")


def test_our_own_range_follows_and_a_changed_one_is_kept(scene: bpy.types.Scene) -> None:
    generate(scene)
    generate(scene, first_frame=51)
    assert (scene.frame_start, scene.frame_end) == (51, 80)
    scene.frame_end = 500
    generate(scene, first_frame=51)
    assert (scene.frame_start, scene.frame_end) == (51, 500)


def test_camera_sync_and_markers_of_the_user_stay(scene: bpy.types.Scene) -> None:
    own = bpy.data.objects.new("Mine", bpy.data.cameras.new("Mine"))
    scene.collection.objects.link(own)
    scene.camera = own
    notes = generate(scene)
    assert scene.camera == own
    assert any("Mine" in note for note in notes)
    assert scene.sync_mode == "AUDIO_SYNC"
    scene.sync_mode = "NONE"
    shot = next(obj for obj in scene.objects if property_names.SHOT in obj)
    marker = scene.timeline_markers.new("my cut", frame=10)
    marker.camera = shot
    generate(scene)
    assert scene.sync_mode == "NONE"
    assert "my cut" in scene.timeline_markers


def test_a_rate_changed_afterwards_is_said(scene: bpy.types.Scene) -> None:
    assert not scene_settings.rate_problem(scene)
    generate(scene)
    assert not scene_settings.rate_problem(scene)
    scene.render.fps = 30
    assert "25" in scene_settings.rate_problem(scene)
    generate(scene)
    assert not scene_settings.rate_problem(scene)


@needs_sound
def test_strips_named_like_ours_stay_and_settings_come_back(
    scene: bpy.types.Scene, sounds: tuple[Path, Path]
) -> None:
    own = compat.strips_of(scene).new_sound("DualTalk sound mine", str(sounds[0]), 9, 100)
    generate(scene, sounds)
    voice = sound_strips.strips(scene)[0]
    voice.volume, voice.pan, voice.mute = 0.25, -1.0, True
    generate(scene, sounds)
    assert own.name in compat.strips_of(scene)
    voice = sound_strips.strips(scene)[0]
    assert (voice.volume, voice.pan, voice.mute) == (0.25, -1.0, True)
    assert len(compat.strips_of(scene)) == 3


@needs_sound
def test_sound_inside_a_meta_strip_is_found_there(
    scene: bpy.types.Scene, sounds: tuple[Path, Path]
) -> None:
    generate(scene, sounds)
    strips = compat.strips_of(scene)
    meta = strips.new_meta("Dialogue", channel=7, frame_start=1)
    for strip in list(strips):
        if strip != meta:
            strip.move_to_meta(meta)
    generate(scene, sounds)
    assert [strip.type for strip in strips] == ["META"]
    assert len(sound_strips.strips(scene)) == 2


@needs_sound
def test_the_highest_channel_is_no_end(scene: bpy.types.Scene, sounds: tuple[Path, Path]) -> None:
    compat.strips_of(scene).new_sound("music", str(sounds[0]), 128, 1)
    generate(scene, sounds)
    assert all(strip.channel < 128 for strip in sound_strips.strips(scene))


def test_one_collection_per_scene(scene: bpy.types.Scene) -> None:
    generate(scene)
    other = bpy.data.scenes.new("Shot 2")
    bpy.context.window.scene = other
    for _ in range(3):
        generate(other)
    ours = [c for c in bpy.data.collections if property_names.COLLECTION in c]
    assert len(ours) == 2
    with_heads = [[o for o in one.objects if o.type == "ARMATURE"] for one in (scene, other)]
    assert [len(objects) for objects in with_heads] == [2, 2]


def excluded(scene: bpy.types.Scene) -> None:
    layer = bpy.context.view_layer.layer_collection.children
    layer[heads.collection(scene).name].exclude = True


def lost_bone(scene: bpy.types.Scene) -> None:
    body = armature(scene)
    bpy.context.view_layer.objects.active = body
    bpy.ops.object.mode_set(mode="EDIT")
    body.data.edit_bones.remove(body.data.edit_bones["jaw"])
    bpy.ops.object.mode_set(mode="OBJECT")


def lost_sound(_: bpy.types.Scene) -> tuple[Path, ...]:
    return (Path("/nowhere/a.wav"),)


def snapshot(scene: bpy.types.Scene) -> dict[str, Any]:
    """Return what a generation might change."""
    kinds = (
        "objects", "meshes", "armatures", "actions", "materials", "cameras", "collections",
        "lights", "worlds", "sounds",
    )  # fmt: skip
    names = {kind: sorted((b.name, b.users) for b in getattr(bpy.data, kind)) for kind in kinds}
    strips = [(s.name, s.channel, s.mute) for s in compat.strips_of(scene)]
    bodies = [obj for obj in scene.objects if obj.type == "ARMATURE"]
    bones = {
        (obj.name, bone.name): (bone.rotation_mode, [c.name for c in bone.constraints])
        for obj in bodies
        for bone in obj.pose.bones
    }
    playing = {
        obj.name: obj.animation_data.action.name
        for obj in scene.objects
        if obj.animation_data and obj.animation_data.action
    }
    settings = (scene.frame_start, scene.frame_end, scene.camera, scene.sync_mode, scene.world)
    notes = {obj.name: sorted(obj.keys()) for obj in bodies} | {"scene": sorted(scene.keys())}
    return names | {
        "strips": strips, "bones": bones, "playing": playing, "settings": settings, "notes": notes,
        "markers": [(m.name, m.frame) for m in scene.timeline_markers],
    }  # fmt: skip


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (motion_writer, "write_motion"),
        (placing, "rekey_lean"),
        (scene_settings, "set_range"),
        (voice_lights, "write"),
        (sound_strips, "write_strips"),
    ],
)
def test_whatever_raises_nothing_is_changed(
    scene: bpy.types.Scene, sounds: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch,
    module: Any, name: str, is_first: bool,
) -> None:  # fmt: skip
    if not is_first:
        generate(scene, sounds)
    else:
        heads.collection(scene)
        compat.strips_of(scene)
    before = snapshot(scene)

    def fail(*_: object, **__: object) -> None:
        raise OSError("half way")

    monkeypatch.setattr(module, name, fail)
    with pytest.raises(OSError, match="half way"):
        generate(scene, sounds, first_frame=7)
    assert snapshot(scene) == before
    monkeypatch.undo()
    generate(scene, sounds)


@pytest.mark.parametrize("prepare", [excluded, lost_bone, lost_sound])
def test_what_cannot_work_is_said_and_nothing_is_changed(
    scene: bpy.types.Scene, prepare: Callable[[bpy.types.Scene], Any]
) -> None:
    generate(scene)
    sounds = prepare(scene) or ()
    before = snapshot(scene)
    with pytest.raises(RigError) as raised:
        generate(scene, sounds)
    assert "\n" not in str(raised.value)
    assert snapshot(scene) == before


def test_an_excluded_collection_is_named_before_the_first_heads(scene: bpy.types.Scene) -> None:
    collection = bpy.data.collections.new("DualTalk")
    scene.collection.children.link(collection)
    bpy.context.view_layer.layer_collection.children["DualTalk"].exclude = True
    for _ in range(2):
        with pytest.raises(RigError, match=r"'DualTalk'.*tick"):
            generate(scene)
        assert not list(bpy.data.objects)


def test_a_hidden_collection_is_no_trouble(scene: bpy.types.Scene) -> None:
    collection = heads.collection(scene)
    bpy.context.view_layer.layer_collection.children["DualTalk"].hide_viewport = True
    collection.hide_viewport = True
    generate(scene)
    generate(scene)
    assert collection.hide_viewport
    assert not [obj for obj in scene.collection.objects if obj.type == "ARMATURE"]


def test_a_linked_character_is_refused(scene: bpy.types.Scene, tmp_path: Path) -> None:
    generate(scene)
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.collections = ["DualTalk"]
    scene.collection.children.link(wanted.collections[0])
    before = snapshot(scene)
    with pytest.raises(RigError, match="linked"):
        generate(scene)
    assert snapshot(scene) == before


@pytest.fixture
def nothing_waits() -> Iterator[None]:
    yield
    with transaction.whole_or_not(bpy.context.scene):
        pass


def test_the_stage_of_a_failed_generation_is_gone(
    scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch, nothing_waits: None
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("half way")

    monkeypatch.setattr(stage_set, "build", fail)
    with pytest.raises(OSError, match="half way"):
        generate(scene)
    assert [heads.find(scene, speaker) for speaker in SPEAKERS] == [None, None]
