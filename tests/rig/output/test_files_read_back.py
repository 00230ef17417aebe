"""Every format that the characters are handed on in, read back: the same vertices at the same time.

Built-in heads, heads of a FLAME model and own characters, from a scene that begins at frame 1001:
each kind in each format at each rate, and as a USD layer of animation alone.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np
import pytest
from dualtalk.core.faces.flame_model import FlameModel
from dualtalk.core.formats import usd_animation
from dualtalk.core.motion import Motion
from dualtalk.core.names import JAW_OPEN_RAD
from dualtalk.core.performance import Performance, Settings
from dualtalk.rig.characters import flame_building, heads
from dualtalk.rig.characters.flame_building import FlameOptions
from dualtalk.rig.characters.own import binding
from dualtalk.rig.output import export
from dualtalk.rig.performance import motion_reader, scene_writer
from dualtalk.tests.rig.characters.test_flame_head import ball
from dualtalk.tests.rig.gaze.test_gaze_moves import characters
from dualtalk.tests.scenes import empty
from mathutils import Vector
from mathutils.kdtree import KDTree

FIRST, N_FRAMES = 1001, 8
#: How far what moves has gone, 0 to 1, (n_frames, 1).
WAVE = np.sin(np.linspace(0.0, 1.5, N_FRAMES))[:, None]
JAW_RAD = 0.2
#: Frames after the first that are compared.
SHOWN = (0, 3, 7)
RATES = {"24": (24, 1.0), "23.976": (24, 1.001), "25": (25, 1.0), "60": (60, 1.0)}
KINDS = ("built-in", "flame", "own")
IMPORTERS: dict[str, Callable[[str], object]] = {
    "USD": lambda path: bpy.ops.wm.usd_import(filepath=path),
    "ALEMBIC": lambda path: bpy.ops.wm.alembic_import(filepath=path),
    "FBX": lambda path: bpy.ops.import_scene.fbx(filepath=path),
    "GLTF": lambda path: bpy.ops.import_scene.gltf(filepath=path),
}
#: The frame to which an importer brings the first one.
BEGINS = {"USD": FIRST, "ALEMBIC": FIRST, "FBX": 1, "GLTF": 0}


def build(kind: str) -> None:
    """Fill a scene with two characters of a kind, who move for eight frames."""
    if kind == "own":
        pair = characters()
        scene = bpy.context.scene
        for speaker, objects in enumerate(pair, start=1):
            binding.bind(scene, speaker, objects, heads.collection(scene))
    else:
        scene = empty()
    basis = "flame" if kind == "flame" else "arkit"
    if kind.startswith("flame"):
        options = FlameOptions(n_identity=2, n_expression=50, with_names=kind != "flame")
        for speaker, name in ((1, "Speaker A"), (2, "Speaker B")):
            flame_building.build(flame_like(), speaker, name, heads.collection(scene), options)
    ways = np.cos(np.arange(50 if basis == "flame" else 40))  # some up, some down
    expression = 0.5 * WAVE * (ways if basis == "flame" else np.abs(ways))
    motion = Motion.from_arrays(
        expression, jaw=WAVE * [[JAW_RAD, 0.02, 0.0]], head=WAVE * [[0.1, 0.3, 0.05]], basis=basis
    )
    performance = Performance((motion, motion), (), np.ones((2, N_FRAMES), bool))
    scene_writer.write_performance(scene, performance, Settings(first_frame=FIRST))
    scene.frame_start, scene.frame_end = FIRST, FIRST + N_FRAMES - 1


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what gives a saved scene of a kind, built once."""
    folder, made = tmp_path_factory.mktemp("scenes"), {}

    def scene_of(kind: str) -> Path:
        if kind not in made:
            build(kind)
            made[kind] = folder / f"{kind}.blend"
            bpy.ops.wm.save_as_mainfile(filepath=str(made[kind]), copy=True)
        return made[kind]

    return scene_of


def vertices(meshes: list[bpy.types.Object]) -> np.ndarray:
    """Return all evaluated vertices of meshes in the world, (n, 3)."""
    graph = bpy.context.evaluated_depsgraph_get()
    found = []
    for mesh in meshes:
        seen = mesh.evaluated_get(graph)
        shape = seen.to_mesh()
        points = np.empty(3 * len(shape.vertices), np.float32)
        shape.vertices.foreach_get("co", points)
        seen.to_mesh_clear()
        world = np.array(seen.matrix_world)
        found.append(points.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3])
    return np.concatenate(found)


def over_time(meshes: list[bpy.types.Object], begins: int) -> np.ndarray:
    """Return the vertices at the frames that are compared, (3, n, 3)."""
    found = []
    for frame in SHOWN:
        bpy.context.scene.frame_set(begins + frame)
        found.append(vertices(meshes))
    return np.stack(found)


def nearest(points: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Return for each point the index of the nearest one among others, over all times at once."""
    tree = KDTree(among.shape[1])
    for index, point in enumerate(among[0]):
        tree.insert(Vector(point), index)
    tree.balance()
    chosen = []
    for index, point in enumerate(points[0]):  # of what is equally near, what moves alike
        near = tree.find_n(Vector(point), 6)
        ways = [np.abs(among[:, i] - points[:, index]).max() for _, i, _ in near]
        chosen.append(near[int(np.argmin(ways))][1])
    return np.array(chosen)


def _widen_sliders(meshes: list[bpy.types.Object]) -> None:
    """Let keys below 0 and above 1 be seen: Blender's importer of USD leaves sliders at 0 to 1."""
    for mesh in meshes:
        for key in mesh.data.shape_keys.key_blocks if mesh.data.shape_keys else ():
            key.slider_min, key.slider_max = -10.0, 10.0


def flame_like() -> FlameModel:
    """Return a small FLAME model whose vertices go with three joints at most, as the real one's."""
    model = ball(600)
    weights = model.weights * (model.weights >= np.sort(model.weights, axis=1)[:, -3:-2])
    return replace(model, weights=weights / weights.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("form", IMPORTERS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_vertices_at_the_same_time(
    saved: Callable[[str], Path], tmp_path: Path, kind: str, form: str, rate: str
) -> None:
    if export.missing(form):
        pytest.skip("this Blender does not write it")
    bpy.ops.wm.open_mainfile(filepath=str(saved(kind)))
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = RATES[rate]
    written = export.write(scene, tmp_path / "scene", form)
    faces = [character.mesh for character in heads.pair(scene)]
    wanted = over_time(faces, FIRST)[:, :: 29 if kind == "built-in" else 1]
    assert np.linalg.norm(wanted[2] - wanted[0], axis=-1).max() > 0.01
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = RATES[rate]
    IMPORTERS[form](str(written))
    meshes = [obj for obj in scene.objects if obj.type == "MESH"]
    _widen_sliders(meshes)
    read = over_time(meshes, BEGINS[form])
    missed_m = np.linalg.norm(read[:, nearest(wanted, read)] - wanted, axis=-1)
    assert np.percentile(missed_m, 99) < 1e-3


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("kind", ["built-in", "flame with names", "own"])
def test_the_same_weights_at_the_same_time(
    saved: Callable[[str], Path], tmp_path: Path, kind: str, rate: str
) -> None:
    if not hasattr(bpy.utils, "expose_bundled_modules"):
        pytest.skip("this Blender shares no USD module")
    bpy.utils.expose_bundled_modules()
    from pxr import Usd, UsdSkel

    bpy.ops.wm.open_mainfile(filepath=str(saved(kind)))
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = RATES[rate]
    pair = heads.pair(scene)
    motions = motion_reader.read_motions(scene, pair, None)
    named = dict(zip(("SpeakerA", "SpeakerB"), motions, strict=True))
    usd_animation.write(tmp_path / "faces.usda", named, scene.frame_start)
    stage = Usd.Stage.Open(str(tmp_path / "faces.usda"))
    assert stage.GetTimeCodesPerSecond() == pytest.approx(RATES[rate][0] / RATES[rate][1])
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (FIRST, FIRST + N_FRAMES - 1)
    for name, character in zip(named, pair, strict=True):
        layer = UsdSkel.Animation(stage.GetPrimAtPath(f"/DualTalk/{name}"))
        shapes, blocks = layer.GetBlendShapesAttr().Get(), character.mesh.data.shape_keys.key_blocks
        for frame in SHOWN:
            scene.frame_set(FIRST + frame)
            weights = layer.GetBlendShapeWeightsAttr().Get(FIRST + frame)
            row = dict(zip(shapes, weights, strict=True))
            for key in ("eyeBlinkLeft", "mouthPucker"):
                assert row[key] == pytest.approx(blocks[key].value, abs=1e-3)
            opened = JAW_RAD / JAW_OPEN_RAD * float(WAVE[frame, 0])
            if kind == "own":  # no key for lips that meet: its jaw stays shut there
                opened = blocks["jawOpen"].value
            assert row["jawOpen"] == pytest.approx(opened, abs=0.01)
