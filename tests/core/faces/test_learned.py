"""Poses that a rig was shown add up by how far each control goes."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.errors import InputError
from dualtalk.core.faces.learned import HEAD_RAD, LEARNED, Learned, controls_of
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD

SHOWN = Learned(
    {
        "jawOpen": {'pose.bones["jaw"].rotation': (0.5, 0.0, 0.0), '["open"]': (1.0,)},
        "mouthSmileLeft": {'pose.bones["corner"].location': (0.0, 0.02, 0.01)},
        "mouthClose": {'["open"]': (-0.5,)},
    }
)


def test_every_control_is_read_from_a_motion() -> None:
    motion = Motion.at_rest(4)
    motion.expression[:, ARKIT_INDEX["mouthSmileLeft"]] = 0.5
    motion.jaw[:, 0] = JAW_OPEN_RAD
    motion.head[1] = [0, HEAD_RAD, 0]
    motion.head[2] = [-HEAD_RAD / 2, 0, 0]
    motion.head[3] = [0, 0, -HEAD_RAD]
    found = controls_of(motion)
    assert set(found) == set(LEARNED)
    assert found["mouthSmileLeft"].tolist() == [0.5] * 4
    np.testing.assert_allclose(found["jawOpen"], 1.0)
    np.testing.assert_allclose(found["headTurnLeft"], [0, 1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(found["headUp"], [0, 0, 0.5, 0], atol=1e-6)
    np.testing.assert_allclose(
        found["headTiltLeft"] + found["headTiltRight"], [0, 0, 0, 1], atol=1e-6
    )


def test_poses_add_up() -> None:
    controls = {name: np.zeros(3, np.float32) for name in LEARNED}
    controls["jawOpen"][:] = [0, 1, 0.5]
    controls["mouthClose"][:] = [0, 1, 0]
    changes = SHOWN.changes(controls)
    np.testing.assert_allclose(changes['["open"]'][:, 0], [0, 0.5, 0.5])
    np.testing.assert_allclose(changes['pose.bones["jaw"].rotation'][:, 0], [0, 0.5, 0.25])
    assert not changes['pose.bones["corner"].location'].any()


def test_they_survive_a_file_and_are_forgotten(tmp_path: Path) -> None:
    SHOWN.save(tmp_path / "rig.json")
    assert Learned.load(tmp_path / "rig.json") == SHOWN
    assert set(SHOWN.with_pose("jawOpen", {}).poses) == {"mouthSmileLeft", "mouthClose"}


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"version": 2, "poses": {}}', '{"version": 1, "poses": {"jaw": {}}}',
     '{"version": 1, "poses": {"jawOpen": {"a": [1, 2]}}}',
     '{"version": 1, "poses": {"jawOpen": {"a": [NaN]}}}'],
)  # fmt: skip
def test_what_is_no_pose_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(InputError, match="cannot be read"):
        Learned.load(tmp_path / "bad.json")


def test_other_bases_are_refused() -> None:
    with pytest.raises(InputError, match="ARKit"):
        controls_of(Motion.at_rest(2, "flame"))
