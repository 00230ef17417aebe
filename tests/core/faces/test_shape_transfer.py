"""ARKit shapes on another mesh: the built-in head, bent and with its vertices in another order."""

import numpy as np
import pytest
from dualtalk.core.faces import shape_transfer
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.faces.flame_model import FlameModel
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES


def bent(points: np.ndarray) -> np.ndarray:
    """Return points of a head that is larger, longer in the face and fuller in the cheeks."""
    x, y, z = (1.07 * points).T
    wide = 1 + 0.08 * np.exp(-(((y + 0.05) / 0.04) ** 2))
    return np.stack([x * wide + 0.01, y * (1 - 0.06 * np.tanh(y / 0.05)), z + 0.02], axis=1)


@pytest.fixture(scope="module")
def head() -> HeadModel:
    return HeadModel.bundled()


def as_flame(head: HeadModel, seed: int = 0) -> tuple[FlameModel, np.ndarray]:
    """Return skin and eyeballs as a model of FLAME's kind, and which vertex is which."""
    kept = np.isin(head.parts, [head.part_names.index(n) for n in ("skin", "eye_left", "eye_right")
                                if n in head.part_names])  # fmt: skip
    order = np.random.default_rng(seed).permutation(np.flatnonzero(kept))
    place = np.full(head.n_vertices, -1)
    place[order] = np.arange(len(order))
    faces = [
        (face[0], face[i], face[i + 1])
        for face in head.faces
        if kept[face[0]]
        for i in range(1, len(face) - 1)
    ]
    points = bent(head.vertices[order].astype(np.float64))
    nearest = np.linalg.norm(points[None] - bent(head.joints.astype(np.float64))[:, None], axis=2)
    chosen = np.argsort(nearest, axis=1)[:, :60]
    regressor = np.zeros((5, len(points)))
    for joint, row in enumerate(chosen):
        known = np.vstack([points[row].T, np.ones(len(row))])
        wanted = np.append(bent(head.joints[joint : joint + 1].astype(np.float64))[0], 1)
        regressor[joint, row] = np.linalg.lstsq(known, wanted, rcond=None)[0]
    n = len(points)
    model = FlameModel(
        points, place[np.array(faces)].astype(np.int32), np.zeros((n, 3, 1)), np.zeros((n, 3, 1)),
        np.zeros((n, 3, 36)), regressor, head.weights[order].astype(np.float64),
    )  # fmt: skip
    return model, order


@pytest.fixture(scope="module")
def found(head: HeadModel) -> tuple[np.ndarray, np.ndarray, FlameModel]:
    model, order = as_flame(head)
    wanted = bent((head.vertices + head.shapes)[:, order].reshape(-1, 3).astype(np.float64))
    wanted = wanted.reshape(40, -1, 3) - model.template
    return shape_transfer.transferred(head, model, model.template), wanted, model


@pytest.mark.parametrize("name", [n for n in ARKIT_SHAPES if n != "tongueOut"])
def test_every_shape_moves_the_other_head_alike(
    found: tuple[np.ndarray, np.ndarray, FlameModel], name: str
) -> None:
    ours, wanted = (deltas[ARKIT_INDEX[name]] for deltas in found[:2])
    alike = (ours * wanted).sum() / (np.linalg.norm(ours) * np.linalg.norm(wanted))
    assert alike > 0.9
    assert 0.8 < np.linalg.norm(ours) / np.linalg.norm(wanted) < 1.25


def test_eyeballs_do_not_move(found: tuple[np.ndarray, np.ndarray, FlameModel]) -> None:
    ours, _, model = found
    assert not ours[:, model.weights[:, 3:].max(axis=1) > 0.95].any()


def test_the_mouth_is_found_where_the_mesh_is_open(head: HeadModel) -> None:
    model, _ = as_flame(head)
    faces = list(map(tuple, model.faces.tolist()))
    joints = model.joint_regressor @ model.template
    loop = shape_transfer.mouth_edge(model.template, faces, joints)
    assert loop is not None
    points = model.template[loop]
    assert 0.03 < np.ptp(points[:, 0]) < 0.08
    assert np.ptp(points[:, 1]) < 0.02


def test_a_closed_mouth_is_registered_without_it(head: HeadModel) -> None:
    model, order = as_flame(head)
    triangle = np.array([[0, 1, 2], [0, 2, 1]], np.int32)  # no open edge
    closed = FlameModel(
        model.template, triangle, model.identity_dirs, model.expression_dirs, model.pose_dirs,
        model.joint_regressor, model.weights,
    )  # fmt: skip
    ours = shape_transfer.transferred(head, closed, closed.template)[ARKIT_INDEX["browInnerUp"]]
    wanted = head.shapes[ARKIT_INDEX["browInnerUp"]][order]
    assert (ours * wanted).sum() / (np.linalg.norm(ours) * np.linalg.norm(wanted)) > 0.7
