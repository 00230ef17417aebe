"""Turns and faces in other tools' files, through the buttons."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.conversation.turns import Utterance  # noqa: E402
from dualtalk.core.formats import live_link, turn_files  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.performance import Performance, Settings  # noqa: E402
from dualtalk.operators.output import exchange, export  # noqa: E402
from dualtalk.properties import scene as scene_properties  # noqa: E402
from dualtalk.properties import staging, strengths  # noqa: E402
from dualtalk.rig import compat, property_names  # noqa: E402
from dualtalk.rig.performance import scene_writer, turn_strips  # noqa: E402

CLASSES = (
    *(*staging.CLASSES, *strengths.CLASSES, *scene_properties.CLASSES),
    *exchange.CLASSES,
    export.DUALTALK_OT_export_live_link,
)
TURNS = [Utterance("A", 0.0, 1.2), Utterance("B", 1.6, 3.0)]


@pytest.fixture
def scene() -> Iterator[bpy.types.Scene]:
    """Return an empty scene with a mixed recording chosen and the buttons registered."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    scene_properties.register()
    scene = bpy.context.scene
    scene.render.fps = 30
    scene.dualtalk.mode, scene.dualtalk.sound_a = "MIXED", str(Path(__file__))
    yield scene
    scene_properties.unregister()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)


@pytest.mark.parametrize("suffix", turn_files.SUFFIXES)
def test_turns_come_in_as_strips_and_go_out_as_they_were(
    scene: bpy.types.Scene, tmp_path: Path, suffix: str
) -> None:
    turn_files.write(tmp_path / f"in{suffix}", TURNS)
    bpy.ops.dualtalk.import_turns(filepath=str(tmp_path / f"in{suffix}"))
    assert turn_strips.has_strips(scene)
    assert len(compat.strips_of(scene)) == 2
    bpy.ops.dualtalk.export_turns(filepath=str(tmp_path / f"out{suffix}"))
    read, _ = turn_files.read(tmp_path / f"out{suffix}")
    for one, other in zip(read, TURNS, strict=True):
        assert one.speaker == other.speaker
        assert abs(one.start_s - other.start_s) < 0.05
        assert abs(one.end_s - other.end_s) < 0.05


def test_a_file_that_holds_none_changes_nothing(scene: bpy.types.Scene, tmp_path: Path) -> None:
    (tmp_path / "bad.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nno name\n")
    with pytest.raises(RuntimeError, match="begin with a name"):
        bpy.ops.dualtalk.import_turns(filepath=str(tmp_path / "bad.srt"))
    assert not turn_strips.has_strips(scene)


def test_both_faces_go_out_as_live_link_recordings(scene: bpy.types.Scene, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    motions = tuple(
        Motion.from_arrays(
            rng.uniform(0, 1, (30, 40)), rng.uniform(0, 0.3, (30, 3)), np.zeros((30, 3))
        )
        for _ in (1, 2)
    )
    performance = Performance((motions[0], motions[1]), (), np.zeros((2, 30), bool))
    scene_writer.write_performance(scene, performance, Settings())
    bpy.ops.dualtalk.export_live_link(filepath=str(tmp_path / "slate_1.csv"))
    for name, motion in zip("AB", motions, strict=True):
        read = live_link.read(tmp_path / f"slate_1_{name}.csv")
        assert read.fps == pytest.approx(25)
        # The scene runs at 30: what is between its frames is lost.
        smile = read.expression[5:25, 11]
        assert np.corrcoef(smile, motion.expression[5:25, 11])[0, 1] > 0.9


def test_an_edits_shots_show_the_cameras_that_they_name(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    scene.render.fps, scene.dualtalk.first_frame = 24, 1001
    for name, shot in (("Over A's shoulder", "over_a"), ("Two-shot", "two_shot"), ("Crane", "")):
        camera = bpy.data.objects.new(name, bpy.data.cameras.new(name))
        scene.collection.objects.link(camera)
        if shot:
            camera[property_names.SHOT] = shot
    mine = scene.timeline_markers.new("mine", frame=1010)
    lines = [
        f"{number:03d}  AX  V  C  00:00:00:00 00:00:01:00 01:00:0{first}:00 01:00:0{first + 1}:00\n"
        f"* FROM CLIP NAME: {name}\n"
        for number, first, name in ((1, 0, "sc10_OVER_A_t2"), (2, 1, "crane.mov"), (3, 2, "insert"))
    ]
    (tmp_path / "t.edl").write_text("".join(lines))
    for _ in range(2):  # again replaces
        bpy.ops.dualtalk.import_cuts(filepath=str(tmp_path / "t.edl"))
    made = {m.frame: m.camera.name for m in scene.timeline_markers if m.camera is not None}
    assert made == {1001: "Over A's shoulder", 1025: "Crane", 1049: "Two-shot"}
    assert mine.name in scene.timeline_markers
    assert len(scene.timeline_markers) == 4
    assert scene.camera.name == "Over A's shoulder"
