"""ARKit shapes on another mesh: the built-in head, bent and with its vertices in another order."""

import numpy as np
import pytest
from dualtalk.core.faces import shape_transfer
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.faces.flame_model import FlameModel
from dualtalk.core.names import ARKIT_INDEX
from dualtalk.modelling.bent_head import SHAPES, as_flame, likeness, truth


@pytest.fixture(scope="module")
def head() -> HeadModel:
    return HeadModel.bundled()


@pytest.fixture(scope="module")
def found(head: HeadModel) -> tuple[np.ndarray, np.ndarray, FlameModel]:
    model, order = as_flame(head)
    wanted = truth(head, model, order)
    return shape_transfer.transferred(head, model, model.template), wanted, model


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_moves_the_other_head_alike(
    found: tuple[np.ndarray, np.ndarray, FlameModel], name: str
) -> None:
    ours, wanted = (deltas[ARKIT_INDEX[name]] for deltas in found[:2])
    alike, size = likeness(ours, wanted)
    assert alike > 0.9
    assert 0.8 < size < 1.25


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
