"""Exports of own characters, read back: heads move, keys are there, times are right."""

import json
import math
import struct
import subprocess
import sys
from pathlib import Path

import bpy
import pytest
from dualtalk.rig.acting import folding
from dualtalk.rig.characters import added_keys, heads
from dualtalk.rig.output import export
from dualtalk.tests.rig.gaze.test_gaze_moves import characters, error_deg, generate

FRAMES = (5, 15, 25, 35)
SUFFIXES = {"USD": "usdc", "GLTF": "glb", "FBX": "fbx"}


def turns(name: str, offset: int = 0) -> list[float]:
    """Return how far the head bone is turned from its rest at some frames, degrees."""
    found = []
    for frame in FRAMES:
        bpy.context.scene.frame_set(frame + offset)
        obj = bpy.data.objects[name].evaluated_get(bpy.context.evaluated_depsgraph_get())
        pose, rest = obj.pose.bones["head"], obj.data.bones["head"]
        turn = pose.matrix.to_3x3() @ rest.matrix_local.to_3x3().inverted()
        found.append(math.degrees(turn.to_quaternion().angle))
    return found


def imported(path: Path, form: str) -> str:
    """Open a file in an empty scene and return what Anna's armature is called there."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.render.fps = 25
    if form == "USD":
        bpy.ops.wm.usd_import(filepath=str(path))
    elif form == "GLTF":
        bpy.ops.import_scene.gltf(filepath=str(path))
    else:
        bpy.ops.import_scene.fbx(filepath=str(path))
    names = [o.name for o in bpy.data.objects if o.type == "ARMATURE"]
    return next(
        name for name in names if name.startswith(("Anna rig", "Anna_rig")) and len(name) < 13
    )


@pytest.mark.parametrize("form", ["USD", "GLTF", "FBX"])
def test_an_own_rig_moves_in_every_format(tmp_path: Path, form: str) -> None:
    pair = characters()
    generate(pair)
    wanted = turns("Anna rig")
    assert max(wanted) > 3
    path = export.write(bpy.context.scene, tmp_path / "x", form)
    assert turns("Anna rig") == pytest.approx(wanted, abs=1e-4)  # and the scene is as before
    assert error_deg(pair) < 0.5
    assert not pair[0][1].animation_data.action
    name = imported(path, form)
    offset = -1 if form == "GLTF" else 0  # this one begins at 0, and Blender moves FBX to 1
    assert turns(name, offset) == pytest.approx(wanted, abs=0.3)


#: What hides a character in the Outliner.
HIDINGS = ("eye", "collection's eye", "monitor", "collection's monitor", "camera", "arrow")


def hide(obj: bpy.types.Object, how: str) -> None:
    """Hide an object, or the collection that it and its like are in."""
    collection = obj.users_collection[0]
    layer = bpy.context.view_layer.layer_collection.children[collection.name]
    if how == "eye":
        obj.hide_set(True)
    elif how == "collection's eye":
        layer.hide_viewport = True
    elif how == "collection's monitor":
        collection.hide_viewport = True
    else:
        name = {"monitor": "hide_viewport", "camera": "hide_render", "arrow": "hide_select"}[how]
        setattr(obj, name, True)
        setattr(collection, name, how != "monitor")


def is_hidden(obj: bpy.types.Object) -> list[bool]:
    collection = obj.users_collection[0]
    layer = bpy.context.view_layer.layer_collection.children[collection.name]
    owners = (obj, collection, layer)
    names = ("hide_viewport", "hide_render", "hide_select")
    return [getattr(owner, name, False) for owner in owners for name in names] + [obj.hide_get()]


@pytest.mark.parametrize(
    ("form", "how"),
    [*(("FBX", how) for how in HIDINGS), *((form, "all") for form in ("USD", "GLTF", "ALEMBIC"))],
)
def test_what_is_hidden_is_written_too(tmp_path: Path, form: str, how: str) -> None:
    pair = characters()
    generate(pair)
    scene = bpy.context.scene
    own = bpy.data.collections.new("Own")
    scene.collection.children.link(own)
    for obj in (obj for objects in pair for obj in objects):
        scene.collection.objects.unlink(obj)
        own.objects.link(obj)
    wanted = turns("Anna rig")
    for each in HIDINGS if how == "all" else (how,):
        for obj in (obj for objects in pair for obj in objects):
            hide(obj, each)
    bpy.context.view_layer.update()
    before = [is_hidden(obj) for objects in pair for obj in objects]
    path = export.write(scene, tmp_path / "x", form)
    assert [is_hidden(obj) for objects in pair for obj in objects] == before
    if form == "ALEMBIC":
        bpy.ops.wm.read_factory_settings(use_empty=True)
        bpy.ops.wm.alembic_import(filepath=str(path))
        assert sum(obj.type == "MESH" for obj in bpy.data.objects) == 2
        return
    name = imported(path, form)
    assert turns(name, -1 if form == "GLTF" else 0) == pytest.approx(wanted, abs=0.3)


@pytest.mark.parametrize("form", ["USD", "GLTF", "FBX"])
@pytest.mark.parametrize("kind", ["SUBSURF", "MIRROR", "SOLIDIFY"])
def test_shape_keys_outlast_modifiers(tmp_path: Path, form: str, kind: str) -> None:
    pair = characters()
    modifier = pair[0][0].modifiers.new("Own", kind)
    generate(pair)
    notes: list[str] = []
    path = export.write(bpy.context.scene, tmp_path / "x", form, notes=notes)
    assert any("Own of Anna" in note for note in notes)
    assert modifier.show_viewport
    assert modifier.show_render
    imported(path, form)
    keyed = [o for o in bpy.data.objects if o.type == "MESH" and o.data.shape_keys]
    counts = {o.name.split("_")[0]: len(o.data.shape_keys.key_blocks) - 1 for o in keyed}
    assert min(counts.values()) == 4
    assert len(keyed) == 2


def test_a_mood_leaves_in_the_shapes_themselves() -> None:
    pair = characters()
    generate(pair)
    scene = bpy.context.scene
    character = heads.find(scene, 1)
    character.armature["mood_angry"] = 1.0
    character.armature.update_tag()
    mesh = next(m for m in character.meshes if added_keys.keys_of(m))
    key = added_keys.keys_of(mesh)[0]
    blocks = mesh.data.shape_keys.key_blocks
    scene.frame_set(scene.frame_start + 2)
    wanted = blocks[key].value + added_keys.value(blocks, key)
    names, action = [block.name for block in blocks], mesh.data.shape_keys.animation_data.action
    with folding.folded(scene, character):
        scene.frame_set(scene.frame_start + 2)
        blocks = mesh.data.shape_keys.key_blocks
        assert not added_keys.keys_of(mesh)
        assert blocks[key].value == pytest.approx(wanted, abs=1e-5)
    assert [block.name for block in mesh.data.shape_keys.key_blocks] == names
    assert mesh.data.shape_keys.animation_data.action == action


def glb_range(path: Path) -> tuple[float, float]:
    data = path.read_bytes()
    tree = json.loads(data[20 : 20 + struct.unpack_from("<I", data, 12)[0]])
    inputs = [s["input"] for one in tree["animations"] for s in one["samplers"]]
    times = [(tree["accessors"][i]["min"][0], tree["accessors"][i]["max"][0]) for i in inputs]
    return min(first for first, _ in times), max(last for _, last in times)


def fbx_range(path: Path) -> tuple[float, float]:
    from io_scene_fbx import parse_fbx

    found: list[int] = []

    def walk(element) -> None:  # type: ignore[no-untyped-def]
        if element.id == b"KeyTime":
            found.extend((min(element.props[0]), max(element.props[0])))
        for child in element.elems:
            walk(child)

    walk(parse_fbx.parse(str(path))[0])
    return min(found) / 46186158000, max(found) / 46186158000


@pytest.mark.parametrize(("fps", "base"), [(24, 1.0), (24, 1.001), (30, 1.001), (60, 1.0)])
@pytest.mark.parametrize("form", ["GLTF", "FBX"])
def test_times_are_seconds_from_the_first_frame(
    tmp_path: Path, form: str, fps: int, base: float
) -> None:
    pair = characters()
    scene = bpy.context.scene
    generate(pair)
    scene.render.fps, scene.render.fps_base = fps, base
    scene.frame_start, scene.frame_end = 1001, 1040
    path = export.write(scene, tmp_path / "x", form)
    assert (scene.frame_start, scene.frame_end) == (1001, 1040)
    first, last = (glb_range if form == "GLTF" else fbx_range)(path)
    assert first == pytest.approx(0, abs=1e-4)
    assert last == pytest.approx(39 * base / fps, abs=2e-4)


def test_the_frames_numbers_can_be_kept(tmp_path: Path) -> None:
    generate(characters())
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 25, 40
    path = export.write(scene, tmp_path / "x", "GLTF", starts_at_zero=False)
    assert glb_range(path)[0] == pytest.approx(1.0, abs=1e-4)
    assert heads.find(scene, 1) is not None


def test_a_process_that_exported_gltf_ends_with_its_own_exit_code(tmp_path: Path) -> None:
    lines = (
        "import bpy",
        f"bpy.ops.export_scene.gltf(filepath={str(tmp_path / 'x.glb')!r})",
        "from dualtalk.core import stopping",
        "stopping.leave(7)",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, check=False
    )
    assert done.returncode == 7, done.stderr
