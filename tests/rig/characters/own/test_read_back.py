"""What an own character does is told as ARKit's shapes, whatever its keys are called."""

import bpy
import numpy as np
import pytest
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES, JAW_OPEN_RAD
from dualtalk.rig.characters import heads
from dualtalk.rig.characters.own import binding
from dualtalk.rig.characters.own.read_back import Mixture
from dualtalk.rig.performance import motion_reader, motion_writer
from dualtalk.tests.rig.gaze.test_gaze_moves import characters, generate

JAW = ("jawOpen", "jawLeft", "jawRight", "jawForward")


def undone(table: list[dict[str, float]], controls: dict[str, float]) -> dict[str, float]:
    """Mix controls by a table, undo it, and return those that come out."""
    mixture = Mixture([(0, str(row), by) for row, by in enumerate(table)], JAW)
    values = [sum(factor * controls.get(name, 0.0) for name, factor in by.items()) for by in table]
    found = mixture.controls(values, [controls.get(name, 0.0) for name in JAW])
    return {name: v for name, v in zip(ARKIT_SHAPES, found, strict=True) if abs(v) > 1e-4}


def test_keys_of_their_own_are_undone_exactly() -> None:
    table = [{name: 0.5} for name in ARKIT_SHAPES]
    wanted = {"mouthSmileLeft": 0.7, "browInnerUp": 1.4, "eyeBlinkRight": 0.2}
    assert undone(table, wanted) == pytest.approx(wanted)


def test_a_key_for_both_sides_gives_both_halves() -> None:
    table = [{"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5}]
    found = undone(table, {"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6})
    assert found == pytest.approx({"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6})


def test_a_key_that_also_does_for_another_is_its_own() -> None:
    table = [{"mouthPucker": 1.0, "mouthFunnel": 0.6}]
    assert undone(table, {"mouthPucker": 0.8}) == pytest.approx({"mouthPucker": 0.8}, abs=1e-3)


def test_visemes_are_unmixed_and_the_jaw_is_known() -> None:
    table = [
        {"jawOpen": 1.0, "mouthFunnel": 0.3}, {"mouthFunnel": 1.0, "mouthPucker": 0.5},
        {"mouthPucker": 1.0, "mouthClose": -0.4}, {"mouthClose": 1.0},
    ]  # fmt: skip
    wanted = {"mouthFunnel": 0.4, "mouthPucker": 0.6}
    assert undone(table, {**wanted, "jawOpen": 0.5}) == pytest.approx(wanted, abs=1e-6)


def test_an_own_character_is_read_in_the_scene() -> None:
    pair = characters()
    generate(pair)
    scene = bpy.context.scene
    character = heads.find(scene, 1)
    n_frames = 40
    motion = Motion.at_rest(n_frames)
    motion.expression[:, ARKIT_INDEX["mouthPucker"]] = np.linspace(0, 0.8, n_frames)
    motion.jaw[:, 0] = 0.6 * JAW_OPEN_RAD
    motion.head[:, 1] = 0.2
    motion_writer.write_motion(character, motion, scene, 1)
    scene.frame_set(40)
    seen = motion_reader.present(character, 25.0)
    assert seen.expression[0, ARKIT_INDEX["mouthPucker"]] == pytest.approx(0.8, abs=0.02)
    assert seen.jaw[0, 0] == pytest.approx(0.6 * JAW_OPEN_RAD, abs=0.01)
    assert np.abs(seen.head[0]).max() > 0.1
    scene.frame_start, scene.frame_end = 20, 24
    both = motion_reader.read_motions(scene, heads.pair(scene), None)
    assert both[0].expression.shape == (5, 40)
    assert both[0].expression[-1].max() == pytest.approx(0.8 * 23 / 39, abs=0.03)


def test_an_own_character_takes_the_place_of_a_built_head(conversation: bpy.types.Scene) -> None:
    built = heads.find(conversation, 1).armature.name
    mesh = bpy.data.objects.new("Clay", bpy.data.meshes.new("Clay"))
    mesh.data.from_pydata([(0, 0, 0), (0.1, 0, 0), (0, 0.1, 0)], [], [(0, 1, 2)])
    conversation.collection.objects.link(mesh)
    for name in ("Basis", "jawOpen", "mouthSmileLeft"):
        mesh.shape_key_add(name=name).value = 0.0
    bpy.context.view_layer.update()
    own = binding.bind(conversation, 1, [mesh], heads.collection(conversation))
    assert built not in bpy.data.objects
    assert heads.find(conversation, 1).mesh == own.mesh == mesh
    assert heads.find(conversation, 2) is not None
