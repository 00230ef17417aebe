"""A control rig learns through the buttons, and does what a speaker's head does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk import status  # noqa: E402
from dualtalk.operators import learning  # noqa: E402
from dualtalk.properties import character as properties  # noqa: E402
from dualtalk.rig import fcurves  # noqa: E402
from dualtalk.rig.characters.own import control_rig  # noqa: E402

CLASSES = (*properties.CLASSES, *learning.CLASSES)


@pytest.fixture
def rig(conversation: bpy.types.Scene) -> Iterator[bpy.types.Object]:
    """Return a rig of one bone beside two heads, of whom A opens and shuts the mouth."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    properties.register()
    conversation.frame_end = 6
    jaw = next(o for o in conversation.objects if o.get("dualtalk_speaker") == 1)
    made = bpy.data.objects.new("Puppet", bpy.data.armatures.new("Puppet"))
    conversation.collection.objects.link(made)
    bpy.context.view_layer.objects.active = made
    bpy.ops.object.mode_set(mode="EDIT")
    bone = made.data.edit_bones.new("mouth")
    bone.head, bone.tail = (0, 0, 0), (0, 0, 0.1)
    bpy.ops.object.mode_set(mode="OBJECT")
    bone = jaw.pose.bones["jaw"]
    bone.rotation_mode = "XYZ"
    for frame, angle in ((1, 0.0), (6, 0.4)):
        bone.rotation_euler.x = angle
        bone.keyframe_insert("rotation_euler", frame=frame)
    yield made
    properties.unregister()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)


def test_learned_by_buttons_and_keyed_as_a(rig: bpy.types.Object, tmp_path: Path) -> None:
    bpy.ops.dualtalk.learn_rest()
    rig.pose.bones["mouth"].location.z = -1.0
    bpy.ops.dualtalk.learn_pose(control="jawOpen")
    assert rig.pose.bones["mouth"].location.z == 0.0
    assert status.learned_controls(rig) == ("jawOpen",)
    bpy.ops.dualtalk.write_controls(speaker="1")
    curve = fcurves.find_fcurve(rig, 'pose.bones["mouth"].location', 2)
    assert curve.evaluate(1) == pytest.approx(0.0, abs=0.02)
    assert curve.evaluate(6) == pytest.approx(-1.0, abs=0.05)
    bpy.ops.dualtalk.export_poses(filepath=str(tmp_path / "puppet.json"))
    bpy.ops.dualtalk.forget_pose(control="jawOpen")
    assert status.learned_controls(rig) == ()
    bpy.ops.dualtalk.import_poses(filepath=str(tmp_path / "puppet.json"))
    assert control_rig.learned(rig).poses["jawOpen"]
    with pytest.raises(RuntimeError, match="No pose asset"):
        bpy.ops.dualtalk.learn_assets()


def test_a_control_that_there_is_not_is_refused(rig: bpy.types.Object) -> None:
    bpy.ops.dualtalk.learn_rest()
    with pytest.raises(RuntimeError, match="no control 'jawopen'"):
        bpy.ops.dualtalk.learn_pose(control="jawopen")
