"""An animation-only layer, read back by USD itself at the rates and start frames of productions."""

from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.errors import InputError  # noqa: E402
from dualtalk.core.formats import usd_animation  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD  # noqa: E402
from dualtalk.core.performance import Performance, Settings  # noqa: E402
from dualtalk.operators.output import export  # noqa: E402
from dualtalk.rig.performance import scene_writer  # noqa: E402


def stage_of(path: Path):
    if not hasattr(bpy.utils, "expose_bundled_modules"):
        pytest.skip("this Blender shares no USD module")
    bpy.utils.expose_bundled_modules()
    from pxr import Usd

    return Usd.Stage.Open(str(path))


@pytest.mark.parametrize("fps", [24.0, 24000 / 1001, 25.0, 60.0])
@pytest.mark.parametrize("first", [1, 1001])
def test_weights_are_read_back_at_their_times(tmp_path: Path, fps: float, first: int) -> None:
    motion = Motion.at_rest(30, fps=fps)
    motion.expression[:, ARKIT_INDEX["mouthSmileLeft"]] = np.linspace(0, 1, 30)
    motion.jaw[:, 0] = 0.25 * JAW_OPEN_RAD
    motion.head[:, 1] = 0.2
    usd_animation.write(tmp_path / "f.usda", {"SpeakerA": motion, "SpeakerB": motion}, first)
    stage = stage_of(tmp_path / "f.usda")
    from pxr import UsdSkel

    assert stage.GetTimeCodesPerSecond() == pytest.approx(fps)
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (first, first + 29)
    for name in ("SpeakerA", "SpeakerB"):
        prim = stage.GetPrimAtPath(f"/DualTalk/{name}")
        made = UsdSkel.Animation(prim)
        shapes = list(made.GetBlendShapesAttr().Get())
        weights = [list(made.GetBlendShapeWeightsAttr().Get(first + i)) for i in (0, 29)]
        assert len(shapes) == 52
        smile, jaw = shapes.index("mouthSmileLeft"), shapes.index("jawOpen")
        assert [row[smile] for row in weights] == pytest.approx([0, 1], abs=1e-5)
        assert weights[0][jaw] == pytest.approx(0.25, abs=1e-5)
        turn = prim.GetAttribute("userProperties:head").Get(first)
        assert tuple(turn) == pytest.approx((0, np.degrees(0.2), 0), abs=1e-3)


def test_flame_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ARKit's shapes"):
        usd_animation.write(tmp_path / "f.usda", {"A": Motion.at_rest(3, "flame")}, 1)
    assert not list(tmp_path.iterdir())


def test_the_button_writes_what_plays(scene, tmp_path: Path) -> None:
    scene.render.fps, scene.render.fps_base = 24, 1.001
    motion = Motion.at_rest(25)
    motion.expression[:, ARKIT_INDEX["cheekPuff"]] = 0.5
    performance = Performance((motion, motion), (), np.zeros((2, 25), bool))
    scene_writer.write_performance(scene, performance, Settings(first_frame=1001))
    bpy.utils.register_class(export.DUALTALK_OT_export_usd_animation)
    try:
        bpy.ops.dualtalk.export_usd_animation(filepath=str(tmp_path / "f.usda"))
    finally:
        bpy.utils.unregister_class(export.DUALTALK_OT_export_usd_animation)
    stage = stage_of(tmp_path / "f.usda")
    from pxr import UsdSkel

    assert stage.GetStartTimeCode() == 1001
    assert stage.GetTimeCodesPerSecond() == pytest.approx(24000 / 1001)
    made = UsdSkel.Animation(stage.GetPrimAtPath("/DualTalk/SpeakerB"))
    row = dict(
        zip(made.GetBlendShapesAttr().Get(), made.GetBlendShapeWeightsAttr().Get(1010), strict=True)
    )
    assert row["cheekPuff"] == pytest.approx(0.5, abs=1e-4)


def test_numbers_for_research_are_what_plays(scene, tmp_path: Path) -> None:
    motion = Motion.at_rest(25)
    motion.expression[:, ARKIT_INDEX["cheekPuff"]] = np.linspace(0, 0.8, 25)
    performance = Performance((motion, motion), (), np.zeros((2, 25), bool))
    scene_writer.write_performance(scene, performance, Settings(first_frame=1001))
    bpy.utils.register_class(export.DUALTALK_OT_export_motion)
    try:
        bpy.ops.dualtalk.export_motion(filepath=str(tmp_path / "talk.npz"))
    finally:
        bpy.utils.unregister_class(export.DUALTALK_OT_export_motion)
    for speaker in (1, 2):
        read = Motion.load(tmp_path / f"talk_speaker{speaker}.npz")
        puff = read.expression[:, ARKIT_INDEX["cheekPuff"]]
        assert (read.n_frames, read.fps, read.basis) == (25, 25.0, "arkit")
        assert puff == pytest.approx(np.linspace(0, 0.8, 25), abs=0.01)
