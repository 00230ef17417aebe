"""Characters written by a Blender of its own are those that this one writes."""

import json
import struct
import sys
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.errors import InputError  # noqa: E402
from dualtalk.core.jobs.requests import ExportRequest  # noqa: E402
from dualtalk.core.jobs.worker_process import WorkerProcess  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.names import ARKIT_INDEX  # noqa: E402
from dualtalk.core.performance import Performance, Settings  # noqa: E402
from dualtalk.operators.output import export  # noqa: E402
from dualtalk.rig.output import face_files  # noqa: E402
from dualtalk.rig.performance import scene_writer  # noqa: E402


@pytest.fixture
def saved(scene: bpy.types.Scene) -> Path:
    """Return a copy of a scene in which two heads move for a quarter of a second from 1001."""
    motion = Motion.at_rest(6)
    motion.expression[:, ARKIT_INDEX["cheekPuff"]] = np.linspace(0, 1, 6)
    performance = Performance((motion, motion), (), np.zeros((2, 6), bool))
    scene_writer.write_performance(scene, performance, Settings(first_frame=1001))
    return export.saved_copy("export")


def test_it_writes_the_file_and_says_what_there_is_to_say(saved: Path, tmp_path: Path) -> None:
    name = bpy.context.scene.name
    request = ExportRequest(str(saved), name, str(tmp_path / "talk"), "GLTF")
    heard: list[tuple[float, str]] = []
    made = WorkerProcess(Path(sys.executable), request).wait(
        lambda fraction, text: heard.append((fraction, text))
    )
    assert made.path == tmp_path / "talk.glb"
    assert made.notes == ("Frame 1001 is at 0 s.",)
    assert [text for _, text in heard][-1] == "done"
    data = made.path.read_bytes()
    (length,) = struct.unpack("<I", data[12:16])
    tree = json.loads(data[20 : 20 + length])
    ends = [
        tree["accessors"][sampler["input"]]["max"][0]
        for one in tree["animations"]
        for sampler in one["samplers"]
    ]
    assert max(ends) == pytest.approx(5 / 25, abs=1e-4)
    assert bpy.data.filepath == ""


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ("LIVE_LINK", ["talk_A.csv", "talk_B.csv"]), ("USD_ANIMATION", ["talk.usda"]),
        ("MOTION", ["talk_speaker1.npz", "talk_speaker2.npz"]),
    ],
)  # fmt: skip
def test_the_faces_motion_is_what_this_blender_writes(
    saved: Path, tmp_path: Path, form: str, names: list[str]
) -> None:
    here = [tmp_path / "here" / name for name in names]
    here[0].parent.mkdir()
    suffix = here[0].suffix
    assert face_files.write(bpy.context.scene, here[0].parent / f"talk{suffix}", form) == here
    request = ExportRequest(
        str(saved), bpy.context.scene.name, str(tmp_path / f"talk{suffix}"), form
    )
    heard: list[str] = []
    made = WorkerProcess(Path(sys.executable), request).wait(lambda _, text: heard.append(text))
    assert (made.path.name, *made.notes) == (names[0], *(f"Wrote {name}." for name in names[1:]))
    assert "frame 1 of 6" in heard
    for file in here:
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()


def test_what_fails_is_one_sentence_and_leaves_nothing(saved: Path, tmp_path: Path) -> None:
    request = ExportRequest(str(saved), "No such scene", str(tmp_path / "talk"), "USD")
    with pytest.raises(InputError, match="no scene 'No such scene'"):
        WorkerProcess(Path(sys.executable), request).wait(lambda *_: None)
    assert not list(tmp_path.iterdir())
