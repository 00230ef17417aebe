"""Heads of a linked file: found by what they are, since names are given twice."""

from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")
from dualtalk.core.errors import RigError  # noqa: E402
from dualtalk.core.performance import Performance, Settings  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance import scene_writer  # noqa: E402


def test_an_override_is_found_beside_what_is_linked(
    tmp_path: Path, spoken: Performance, scene: bpy.types.Scene
) -> None:
    """Both have one name; the linked head is not taken for a deleted one."""
    scene_writer.write_performance(scene, spoken, Settings())
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"), copy=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    shot = bpy.context.scene
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (_, wanted):
        wanted.collections = ["DualTalk"]
    linked = wanted.collections[0]
    shot.collection.children.link(linked)
    assert linked.override_hierarchy_create(shot, bpy.context.view_layer, do_fully_editable=True)
    for speaker in (1, 2):
        assert not heads.problem(shot, speaker)
        assert heads.find(shot, speaker).armature.library is None
    before = len(bpy.data.actions)
    with pytest.raises(RigError, match="make it local"):
        scene_writer.write_performance(shot, spoken, Settings(seed=2))
    assert len(bpy.data.actions) == before


def test_what_lost_our_mark_is_the_users(scene: bpy.types.Scene, spoken: Performance) -> None:
    """The scene's own note of a character is no mark: nothing of the user's is removed by it."""
    scene_writer.write_performance(scene, spoken, Settings())
    armature = heads.find(scene, 1).armature
    for name in list(armature.keys()):
        del armature[name]
    assert heads.find(scene, 1) is None
    assert not list(heads.marked(scene, 1))
    assert heads.find(scene, 2) is not None
