"""A performance is written into the scene that asked for it, whichever is shown by then."""

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")
from dualtalk.core.performance import Performance, Settings  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance import scene_writer  # noqa: E402


def test_heads_are_built_in_a_scene_that_no_window_shows(
    scene: bpy.types.Scene, spoken: Performance
) -> None:
    other = bpy.data.scenes.new("Other")
    bpy.context.window.scene = other
    with bpy.context.temp_override(scene=scene):
        scene_writer.write_performance(scene, spoken, Settings())
        scene_writer.write_performance(scene, spoken, Settings(seed=1))
    assert not other.objects
    assert bpy.context.window.scene == other
    for speaker in (1, 2):
        head = heads.find(scene, speaker)
        assert head.armature.mode == "OBJECT"
        assert head.armature.animation_data.action is not None


def test_a_linked_copy_that_plays_it_too_is_named(
    scene: bpy.types.Scene, spoken: Performance
) -> None:
    notes: list[str] = []
    scene_writer.write_performance(scene, spoken, Settings(), notes=notes)
    assert not any("same characters" in note for note in notes)
    bpy.ops.scene.new(type="LINK_COPY")
    scene_writer.write_performance(bpy.context.scene, spoken, Settings(seed=1), notes=notes)
    assert any(f"same characters are in {scene.name}, too" in note for note in notes)
