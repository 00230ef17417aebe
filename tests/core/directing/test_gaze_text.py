"""What a scene remembers of its gaze is read back, of this version and of the first."""

import json

import numpy as np
import pytest
from dualtalk.core.directing.gaze_plan import GazePlan, Look
from dualtalk.core.directing.gaze_text import VERSION, WrittenGaze
from dualtalk.core.errors import InputError

PLAN = GazePlan(((Look(0, "partner"), Look(9, "away", 0.2, -0.1)), (Look(0, "partner"),)), 20)
NETWORK = GazePlan(((Look(0, "partner"),), (Look(0, "away", 0.1, 0.1), Look(3, "partner"))), 20)


def test_text_holds_all_of_it() -> None:
    speaking = np.zeros((2, 20), np.bool_)
    speaking[1, 3:8] = True
    known = WrittenGaze(PLAN, speaking, first_frame=11.0, seed=4, network=NETWORK, is_edited=True)
    read = WrittenGaze.from_text(known.to_text())
    assert (read.plan, read.network, read.first_frame, read.seed) == (PLAN, NETWORK, 11.0, 4)
    assert read.is_edited
    np.testing.assert_array_equal(read.speaking, speaking)


def test_a_text_without_a_version_is_read_and_a_newer_one_is_refused() -> None:
    values = json.loads(WrittenGaze(PLAN, np.zeros((2, 20), np.bool_)).to_text())
    old = {name: values[name] for name in values if name not in ("version", "network")}
    assert WrittenGaze.from_text(json.dumps(old)).network is None
    with pytest.raises(InputError, match="newer DualTalk"):
        WrittenGaze.from_text(json.dumps(values | {"version": VERSION + 1}))
    with pytest.raises(InputError, match="cannot be read"):
        WrittenGaze.from_text("[]")
