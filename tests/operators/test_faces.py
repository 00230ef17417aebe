"""A captured face through the button, and in the scene."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.directing.gaze_plan import GazePlan, Look  # noqa: E402
from dualtalk.core.formats import live_link  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.names import ARKIT_INDEX  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.operators import faces  # noqa: E402
from dualtalk.properties import scene as scene_properties  # noqa: E402
from dualtalk.properties import staging, strengths  # noqa: E402
from dualtalk.rig import fcurves  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance import scene_writer, sound_strips  # noqa: E402

CLASSES = (
    *(*staging.CLASSES, *strengths.CLASSES, *scene_properties.CLASSES),
    *faces.CLASSES[:2],
)


@pytest.fixture
def scene() -> Iterator[bpy.types.Scene]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    scene_properties.register()
    yield bpy.context.scene
    scene_properties.unregister()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)


@pytest.fixture
def recordings(tmp_path: Path) -> list[Path]:
    motion = Motion.at_rest(60, fps=60.0)
    live_link.write(tmp_path / "Take_2_Ben.csv", motion)
    motion.save(tmp_path / "Take_1_Anna.npz")
    return sorted(tmp_path.iterdir())


def test_one_face_is_the_chosen_speakers(scene, recordings: list[Path]) -> None:
    bpy.ops.dualtalk.import_face(filepath=str(recordings[1]), speaker="2", generates=False)
    assert scene.dualtalk.face_a == ""
    assert scene.dualtalk.face_b == str(recordings[1])
    bpy.ops.dualtalk.clear_face(speaker="2")
    assert scene.dualtalk.face_b == ""


def test_two_faces_are_a_and_b_by_name(scene, recordings: list[Path]) -> None:
    bpy.ops.dualtalk.import_face(
        directory=str(recordings[0].parent),
        files=[{"name": path.name} for path in reversed(recordings)],
        generates=False,
    )
    assert scene.dualtalk.face_a == str(recordings[0])
    assert scene.dualtalk.face_b == str(recordings[1])


def test_what_is_no_face_changes_nothing(scene, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    with pytest.raises(RuntimeError, match="no recording of Live Link Face"):
        bpy.ops.dualtalk.import_face(filepath=str(tmp_path / "data.csv"))
    assert scene.dualtalk.face_a == ""


def test_lids_close_as_recorded_and_the_one_sound_is_its_speakers(scene, spoken) -> None:
    away = tuple(Look(10 * i, "away" if i % 2 else "partner", 0.6 * (i % 2)) for i in range(5))
    plan = GazePlan((away, away), 50, own_lids=(True, False))
    still = Motion.at_rest(50)
    heard = replace(
        spoken, motions=(still, still), gaze=plan, sounds=spoken.sounds[1:], silent=(0,)
    )
    scene_writer.write_performance(scene, heard, Settings())
    assert ARKIT_INDEX["eyeBlinkLeft"] == 0
    highest = []
    for speaker in (1, 2):
        keys = heads.find(scene, speaker).mesh.data.shape_keys
        curve = fcurves.find_fcurve(keys, 'key_blocks["eyeBlinkLeft"].value')
        highest.append(max(curve.evaluate(frame) for frame in np.arange(1, 50)))
    assert highest[0] == 0
    assert highest[1] > 0.5
    if bpy.app.build_options.audaspace:
        assert [strip.name for strip in sound_strips.strips(scene)] == ["DualTalk sound B"]
