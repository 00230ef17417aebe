"""FLAME in numpy against the reference, and files that are no FLAME model."""

import os
import pickle
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from dualtalk.core.errors import InputError
from dualtalk.core.faces import flame_file
from dualtalk.core.faces.flame_model import FlameModel, rotation_matrices
from scipy.spatial.transform import Rotation

GOLDEN = Path(__file__).resolve().parents[4] / "shared" / "golden" / "flame.npz"
needs_golden = pytest.mark.skipif(not GOLDEN.exists(), reason="the shared golden files are absent")


def arrays(n_vertices: int = 12) -> dict[str, Any]:
    """Return the entries of a FLAME file of random numbers."""
    draw = np.random.default_rng(3)
    weights = draw.random((n_vertices, 5))
    regressor = draw.random((5, n_vertices))
    return {
        "v_template": draw.standard_normal((n_vertices, 3)),
        "f": np.array([[0, 1, 2], [2, 3, 4]], np.uint32),
        "shapedirs": draw.standard_normal((n_vertices, 3, 400)) * 0.01,
        "posedirs": draw.standard_normal((n_vertices, 3, 36)) * 0.01,
        "J_regressor": regressor / regressor.sum(axis=1, keepdims=True),
        "weights": weights / weights.sum(axis=1, keepdims=True),
        "kintree_table": np.array([[2**32 - 1, 0, 1, 1, 1], [0, 1, 2, 3, 4]]),
    }


def written(path: Path, entries: object, protocol: int = 2) -> Path:
    path.write_bytes(pickle.dumps(entries, protocol))
    return path


@needs_golden
def test_vertices_and_joints_are_the_references() -> None:
    with np.load(GOLDEN) as file:
        golden = dict(file)
    model = flame_file.load(GOLDEN)
    given = tuple(golden[f"in_{name}"] for name in ("shape", "expression", "pose", "translation"))
    np.testing.assert_allclose(model.vertices(*given), golden["out_vertices"], atol=1e-6)
    np.testing.assert_allclose(model.posed_joints(*given), golden["out_joints"], atol=1e-6)


def test_fewer_coefficients_are_zeros(tmp_path: Path) -> None:
    model = flame_file.load(written(tmp_path / "m.pkl", arrays()))
    draw = np.random.default_rng(0)
    shape, expression = draw.standard_normal((2, 7)), draw.standard_normal((2, 50))
    pose, translation = draw.standard_normal((2, 5, 3)), draw.standard_normal((2, 3))
    padded = np.pad(shape, ((0, 0), (0, 293))), np.pad(expression, ((0, 0), (0, 50)))
    np.testing.assert_allclose(
        model.vertices(shape, expression, pose, translation),
        model.vertices(*padded, pose, translation),
        atol=1e-12,
    )


def test_rotations_are_exact_at_every_angle() -> None:
    vectors = np.random.default_rng(1).standard_normal((50, 3))
    vectors *= np.geomspace(1e-12, 6, 50)[:, None]
    vectors[0] = 0
    found = rotation_matrices(vectors)
    np.testing.assert_allclose(found, Rotation.from_rotvec(vectors).as_matrix(), atol=1e-14)


class _Module(types.ModuleType):
    """A module that is there while a test pickles an object of it."""


def chumpy_of(value: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> object:
    """Return an object that pickles as chumpy's arrays do."""

    class Ch:
        def __init__(self) -> None:
            self.x = value
            self._dirty_vars = {1}  # a set is what chumpy keeps there

    Ch.__module__, Ch.__qualname__ = "chumpy.ch", "Ch"
    package, module = _Module("chumpy"), _Module("chumpy.ch")
    module.Ch = Ch  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "chumpy", package)
    monkeypatch.setitem(sys.modules, "chumpy.ch", module)
    return Ch()


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("kind", ["csc_matrix", "csr_matrix", "coo_matrix", "csc_array"])
def test_pickles_with_chumpy_and_sparse_matrices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int, kind: str
) -> None:
    plain = flame_file.load(written(tmp_path / "plain.pkl", arrays()))
    entries = arrays()
    entries["shapedirs"] = chumpy_of(entries["shapedirs"], monkeypatch)
    entries["J_regressor"] = getattr(scipy.sparse, kind)(entries["J_regressor"])
    path = written(tmp_path / "m.pkl", entries, protocol)
    monkeypatch.undo()
    assert_same(flame_file.load(path), plain)


def test_npz_with_and_without_objects(tmp_path: Path) -> None:
    plain = flame_file.load(written(tmp_path / "plain.pkl", arrays()))
    np.savez(tmp_path / "numbers.npz", **arrays())
    assert_same(flame_file.load(tmp_path / "numbers.npz"), plain)
    entries = arrays()
    entries["J_regressor"] = np.array(scipy.sparse.csc_matrix(entries["J_regressor"]), object)
    np.savez(tmp_path / "objects.npz", **entries)
    assert_same(flame_file.load(tmp_path / "objects.npz"), plain)


def assert_same(found: FlameModel, wanted: FlameModel) -> None:
    for name in ("template", "identity_dirs", "expression_dirs", "pose_dirs", "joint_regressor"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))


class _Command:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("suffix", [".pkl", ".npz"])
def test_nothing_in_a_pickle_is_run(tmp_path: Path, suffix: str) -> None:
    made = tmp_path / "made"
    path = tmp_path / f"evil{suffix}"
    if suffix == ".pkl":
        written(path, {**arrays(), "f": _Command(made)})
    else:
        np.savez(path, f=np.array([_Command(made)], object))
    with pytest.raises(InputError, match="mkdir"):
        flame_file.load(path)
    assert not made.exists()


class _Call:
    """Pickles as a call of numpy's with a state of its own."""

    def __init__(self, *call: Any) -> None:
        self.call = call

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


#: A record of one object whose flags say that it holds none: numpy would follow the address.
_ADDRESS = _Call(
    np.dtype, ("V8", False, True), (3, "|", None, ("a",), {"a": (np.dtype("O"), 0)}, 8, 1, 0)
)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_Call(np.ndarray, ((6,), _ADDRESS, b"A" * 48)), "arrays of 'V8'"),
        (np.zeros(3, "V8"), "arrays of 'V8'"),
        (np.zeros(3, [("x", "f4")]), "arrays of"),
        (np.array([{}, None], object), "an array of objects"),
        (np.zeros(3, complex), "arrays of 'c16'"),
        (np.array(["a"]), "arrays of 'U1'"),
    ],
)
def test_no_kind_of_array_but_numbers_is_built(tmp_path: Path, harm: Any, said: str) -> None:
    path = written(tmp_path / "m.pkl", arrays() | {"weights": harm})
    with pytest.raises(InputError, match=said):
        flame_file.load(path)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (b"\x80\x02}K\x05r\xff\xff\xff\x7f.", "damaged|not a map|no whole FLAME"),  # memo
        (b"\x80\x05\x96" + b"\xff" * 7 + b"\x7f.", "damaged"),  # a bytearray of exabytes
        (b"\x80\x04\x95" + b"\xff" * 7 + b"\x7f}.", "lacks"),  # a frame of exabytes
        (b"\x80\x02]" + b"(l" * 150_000 + b".", "more instructions"),
        (b"\x80\x02}K\x05" + b"\x86q\x01h\x01" * 60 + b"K\x05s.", "fills a map"),  # laughs
    ],
)
def test_pickles_that_ask_for_memory_or_time_are_refused(
    tmp_path: Path, code: bytes, said: str
) -> None:
    path = tmp_path / "bomb.pkl"
    path.write_bytes(code)
    with pytest.raises(InputError, match=said):
        flame_file.load(path)


@pytest.mark.parametrize(
    "code",
    [b"cbuiltins\neval\n(V1+1\ntR.", b"c__builtin__\ngetattr\n.", b"cnumpy\nload\n."],
)
def test_names_beside_arrays_are_refused(tmp_path: Path, code: bytes) -> None:
    path = tmp_path / "names.pkl"
    path.write_bytes(code)
    with pytest.raises(InputError, match="asks to run"):
        flame_file.load(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "damaged"),
        (b"v 0 0 0\nv 1 0 0\n", "damaged"),
        (b"PK\x03\x04 cut off", "damaged"),
        (pickle.dumps([1, 2]), "not a map"),
        (pickle.dumps({"texture": np.zeros(3)}), "lacks v_template, f, shapedirs"),
    ],
)
def test_what_is_no_model_is_said(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "other.pkl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        flame_file.load(path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("shapedirs", np.zeros((12, 3, 100)), r"not \(V, 3, 400\)"),
        ("posedirs", np.zeros((12, 3, 207)), r"pose_dirs is \(12, 3, 207\)"),
        ("weights", np.zeros((11, 5)), r"weights is \(11, 5\)"),
        ("v_template", np.full((12, 3), np.nan), "not finite"),
        ("f", np.array([[0, 1, 99]]), "faces name vertices"),
        ("kintree_table", np.array([[-1, 0, 0, 0, 1], range(5)]), "hang together"),
    ],
)
def test_models_that_do_not_fit_are_refused(
    tmp_path: Path, name: str, value: np.ndarray, message: str
) -> None:
    path = written(tmp_path / "m.pkl", {**arrays(), name: value})
    with pytest.raises(InputError, match=message):
        flame_file.load(path)


def test_missing_files_and_wrong_arguments(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        flame_file.load(tmp_path / "absent.pkl")
    model = flame_file.load(written(tmp_path / "m.pkl", arrays()))
    with pytest.raises(InputError, match="FLAME takes shape"):
        model.vertices(np.zeros((2, 3)), np.zeros((2, 3)), np.zeros((2, 4, 3)), np.zeros((2, 3)))
    with pytest.raises(InputError, match="this FLAME file has 100"):
        model.vertices(np.zeros((1, 3)), np.zeros((1, 101)), np.zeros((1, 5, 3)), np.zeros((1, 3)))


def test_identity_is_the_mean_of_the_frames(tmp_path: Path) -> None:
    shapes = np.random.default_rng(0).standard_normal((5, 100))
    np.savez(tmp_path / "who.npz", shape=shapes)
    np.testing.assert_allclose(flame_file.load_identity(tmp_path / "who.npz"), shapes.mean(axis=0))
    np.savez(tmp_path / "one.npz", shape=shapes[0])
    np.testing.assert_allclose(flame_file.load_identity(tmp_path / "one.npz"), shapes[0])


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        ({"exp": np.zeros(3)}, "no 'shape'"),
        ({"shape": np.zeros((2, 301))}, r"\(2, 301\)"),
        ({"shape": np.full((2, 3), np.nan)}, "not finite"),
    ],
)
def test_files_without_an_identity(tmp_path: Path, saved: dict[str, Any], message: str) -> None:
    np.savez(tmp_path / "who.npz", **saved)
    with pytest.raises(InputError, match=message):
        flame_file.load_identity(tmp_path / "who.npz")
    (tmp_path / "text.npz").write_text("shape")
    with pytest.raises(InputError, match=r"not a file of the DualTalk data set"):
        flame_file.load_identity(tmp_path / "text.npz")
