"""The built-in head keeps its promises, measured on the asset, and the script still makes it."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.errors import InputError
from dualtalk.core.faces.builtin_head import BUNDLED_PATH, HeadModel
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES, BONES, JAW_OPEN_RAD
from dualtalk.modelling import build_head


@pytest.fixture(scope="module")
def head() -> HeadModel:
    return HeadModel.bundled()


def part(head: HeadModel, name: str) -> np.ndarray:
    return head.parts == head.part_names.index(name)


def posed(head: HeadModel, shapes: dict[str, float], jaw_rad: float = 0.0) -> np.ndarray:
    """Return the vertices with shapes on and the jaw turned, by linear skinning."""
    points = head.vertices.astype(float)
    for name, value in shapes.items():
        points = points + value * head.shapes[ARKIT_INDEX[name]]
    c, s = np.cos(jaw_rad), np.sin(jaw_rad)
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    joint = head.joints[BONES.index("jaw")]
    weight = head.weights[:, [BONES.index("jaw")]]
    return points * (1 - weight) + weight * ((points - joint) @ turn.T + joint)


def lip_pairs(head: HeadModel) -> np.ndarray:
    """Return pairs of skin vertices that touch at rest and part with the jaw: the lips' edges."""
    skin = np.flatnonzero(part(head, "skin"))
    points = head.vertices[skin]
    order = np.lexsort(np.round(points / 1e-5).T)
    same = np.abs(np.diff(points[order], axis=0)).max(axis=1) < 1e-5
    pairs = np.stack([skin[order[:-1][same]], skin[order[1:][same]]], axis=1)
    opened = posed(head, {}, JAW_OPEN_RAD)
    gap = np.linalg.norm(opened[pairs[:, 0]] - opened[pairs[:, 1]], axis=1)
    return pairs[gap > 0.003]


def test_the_script_makes_the_asset(tmp_path: Path) -> None:
    build_head.build().save(tmp_path / "head.npz")
    made, bundled = HeadModel.load(tmp_path / "head.npz"), HeadModel.bundled()
    np.testing.assert_allclose(made.vertices, bundled.vertices, atol=1e-6)
    np.testing.assert_allclose(made.shapes, bundled.shapes, atol=2e-5)


def test_it_is_a_head_in_metres(head: HeadModel) -> None:
    skin = head.vertices[part(head, "skin")]
    eyes = head.joints[3:]
    assert eyes[0, 0] - eyes[1, 0] == pytest.approx(0.064, abs=0.004)
    above_neck = skin[skin[:, 1] > head.joints[1, 1] + 0.02]
    assert np.ptp(above_neck[:, 0]) == pytest.approx(0.165, abs=0.02)
    assert np.ptp(skin[:, 1]) < 0.45


def test_weights_and_shapes_are_whole(head: HeadModel) -> None:
    np.testing.assert_allclose(head.weights.sum(axis=1), 1, atol=1e-5)
    assert np.isfinite(head.shapes).all()
    sizes = np.linalg.norm(head.shapes, axis=2).max(axis=1)
    for name, size in zip(ARKIT_SHAPES, sizes, strict=True):
        assert 0.001 < size < 0.05, name


def test_left_and_right_are_mirror_images(head: HeadModel) -> None:
    for name in ARKIT_SHAPES:
        if name.endswith("Left") and name != "mouthLeft":
            left = head.shapes[ARKIT_INDEX[name]]
            right = head.shapes[ARKIT_INDEX[name.replace("Left", "Right")]]
            np.testing.assert_allclose(
                np.sort(np.abs(left).sum(axis=1)), np.sort(np.abs(right).sum(axis=1)), atol=1e-4
            )
            moved = np.linalg.norm(left, axis=1)
            assert (moved * head.vertices[:, 0]).sum() > 0, name


def test_lips_touch_at_rest_and_meet_over_an_open_jaw(head: HeadModel) -> None:
    pairs = lip_pairs(head)
    assert len(pairs) > 8

    def gap(jaw_rad: float, close: float) -> float:
        points = posed(head, {"mouthClose": close}, jaw_rad)
        return float(np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1).max())

    assert gap(0, 0) < 1e-4
    assert gap(JAW_OPEN_RAD, 0) > 0.02
    assert gap(JAW_OPEN_RAD, 1) < 0.002
    assert gap(0.1, 0.1 / JAW_OPEN_RAD) < 0.002


@pytest.mark.parametrize("value", [0.5, 1.0])
def test_lids_slide_over_the_eyeball(head: HeadModel, value: float) -> None:
    points = posed(head, {"eyeBlinkLeft": value, "eyeBlinkRight": value})
    skin = points[part(head, "skin")]
    radius = np.linalg.norm(head.vertices[part(head, "eye_left")] - head.joints[3], axis=1).min()
    from_eye = np.linalg.norm(skin - head.joints[3], axis=1)
    assert from_eye.min() > 0.98 * radius


def test_closed_lids_cover_the_eye(head: HeadModel) -> None:
    closed = posed(head, {"eyeBlinkLeft": 1.0})
    opened = posed(head, {})
    skin = part(head, "skin")
    pupil = head.joints[3, :2]
    # The lids' edges in front of the pupil's column: a gap while open, none when closed.
    column = skin & (np.abs(head.vertices[:, 0] - pupil[0]) < 0.002)
    column &= head.vertices[:, 2] > head.joints[3, 2]

    def largest_gap(points: np.ndarray) -> float:
        heights = np.sort(points[column, 1])
        near = heights[np.abs(heights - pupil[1]) < 0.015]
        return float(np.diff(near).max())

    assert largest_gap(opened) > 0.007
    assert largest_gap(closed) < 0.005


def test_two_variants_differ(head: HeadModel) -> None:
    first, second = (head.variant(name) for name in ("A", "B"))
    assert np.abs(first.material_colors - second.material_colors).max() > 0.2
    assert first.variants[0].identity != second.variants[0].identity
    with pytest.raises(InputError, match="choose one of A, B"):
        head.variant("C")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "head.npz"
    broken.write_bytes(BUNDLED_PATH.read_bytes()[:1000])
    with pytest.raises(InputError):
        HeadModel.load(broken)
