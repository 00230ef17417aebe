"""Turns changed in the sequencer: the range they touch, and that nothing else is written."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.rig import compat  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance import turn_strips  # noqa: E402
from dualtalk.rig.performance.editing import regeneration, retaking, written  # noqa: E402
from dualtalk.rig.performance.editing.rows import Wanted  # noqa: E402
from dualtalk.tests.scenes import chatter, registered, spoken  # noqa: E402

_BROW = ('key_blocks["browInnerUp"].value', 0)


@pytest.fixture
def scene(scene: bpy.types.Scene) -> Iterator[bpy.types.Scene]:
    """Return a scene with the add-on's settings."""
    with registered():
        yield scene


def test_only_what_changed_turns_touch_is_written(scene: bpy.types.Scene, tmp_path: Path) -> None:
    speaking = np.zeros((2, 250), np.bool_)
    speaking[0, 20:100], speaking[1, 120:220] = True, True
    motions = (chatter(250, seed=1), chatter(250, seed=2))
    made = replace(spoken(tmp_path, motions), speaking=speaking)
    regeneration.write(scene, made, Settings(), keeps_take=False)
    turn_strips.write(scene, speaking, 1)
    scene.dualtalk.turns_start = 1
    begin = turn_strips.start(scene, 1)
    assert retaking.changed_turns(scene) == []

    strip = next(s for s in compat.strips_of(scene) if s.name == "A 1")
    compat.cut_strip(strip, begin + 70)
    found = retaking.changed_turns(scene)
    assert found == [(begin + 55, begin + 114)]

    keys = heads.find(scene, 2).mesh.data.shape_keys
    frames = np.arange(1, 251)
    before = written.keys_of(written.curves_of(keys)[_BROW]).at(frames)
    other = replace(made, motions=(chatter(250, seed=3), chatter(250, seed=4)))
    retaking.write(scene, other, Wanted(*found[0]))
    after = written.keys_of(written.curves_of(keys)[_BROW]).at(frames)
    changed = frames[np.abs(after - before) > 1e-6]
    assert changed.min() >= found[0][0]
    assert changed.max() <= found[0][1]

    now = turn_strips.read(scene, 1)
    retaking.note_turns(scene, now)
    assert retaking.changed_turns(scene) == []
