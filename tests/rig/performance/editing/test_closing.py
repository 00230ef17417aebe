"""A closure added by hand seals the lips, and outlives generating again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.faces.builtin_head import HeadModel  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.operators.editing import edits as buttons  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance.editing import edits, regeneration  # noqa: E402
from dualtalk.tests.scenes import evaluated, registered, spoken  # noqa: E402


@pytest.fixture
def scene(scene: bpy.types.Scene, tmp_path: Path) -> Iterator[bpy.types.Scene]:
    """Return a scene in which two heads hold their mouths open for two seconds."""
    with registered(*buttons.CLASSES):
        generate(scene, tmp_path)
        yield scene


def generate(scene: bpy.types.Scene, tmp_path: Path, opening: float = 0.2) -> None:
    """Write a performance of open mouths."""
    expression = np.zeros((50, len(ARKIT_SHAPES)), np.float32)
    expression[:, ARKIT_INDEX["mouthFunnel"]] = 0.2
    jaw = np.zeros((50, 3), np.float32)
    jaw[:, 0] = opening
    open_ = Motion.from_arrays(expression, jaw)
    regeneration.write(scene, spoken(tmp_path, (open_, open_)), Settings(), keeps_take=False)


def gap_mm(scene: bpy.types.Scene, frame: int) -> float:
    """Return how far A's lips are apart in the middle of the mouth."""
    scene.frame_set(frame)
    lips = next(seal for seal in HeadModel.bundled().seals if seal.name == "mouthClose")
    gaps = lips.gaps(evaluated(heads.find(scene, 1).mesh))
    return 1000 * float(gaps[len(gaps) // 4 : -len(gaps) // 4].max())


def test_a_closure_seals_the_lips_and_stays(scene: bpy.types.Scene, tmp_path: Path) -> None:
    before = gap_mm(scene, 10), gap_mm(scene, 25)
    assert min(before) > 4
    scene.frame_set(25)
    assert bpy.ops.dualtalk.close_lips(speaker="1") == {"FINISHED"}
    assert gap_mm(scene, 25) < 1.0
    assert gap_mm(scene, 10) == pytest.approx(before[0], abs=0.01)
    assert edits.find(scene)
    generate(scene, tmp_path, 0.21)
    assert gap_mm(scene, 25) < 2.0  # the jaw opens a little wider there now


def test_where_there_is_no_performance_it_says_so(scene: bpy.types.Scene) -> None:
    scene.frame_set(400)
    with pytest.raises(RuntimeError, match="not in the performance"):
        bpy.ops.dualtalk.close_lips(speaker="1")
