"""The built-in head keeps its promises, measured on the asset, and the script still makes it."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.errors import InputError
from dualtalk.core.faces import cast, worn
from dualtalk.core.faces.builtin_head import BUNDLED_PATH, CORRECTIVES, HeadModel
from dualtalk.core.faces.looks import Look, vertex_colors
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES, BONES, JAW_OPEN_RAD
from dualtalk.modelling import build_head
from dualtalk.modelling.body.figure import Figure
from dualtalk.modelling.body.makehuman import MakeHuman

#: The mean person, every member of the cast, and both ends of the sliders that matter most.
PEOPLE: dict[str, dict[str, float]] = {
    "mean": {},
    **{member.name: dict(member.identity) for member in cast.people()},
    **{f"{name} {value:+g}": {name: value} for name in ("age", "masculine", "african", "asian")
       for value in (-0.5, 1.0)},
}  # fmt: skip
ANGLES = np.linspace(0, 1.2, 13)  # shares of jawOpen


@pytest.fixture(scope="module")
def head() -> HeadModel:
    return HeadModel.bundled()


def part(head: HeadModel, *names: str) -> np.ndarray:
    return np.isin(head.parts, [head.part_names.index(name) for name in names])


def posed(
    head: HeadModel,
    shapes: dict[str, float],
    jaw: float = 0.0,
    identity: dict[str, float] | None = None,
    correctives: dict[str, float] | None = None,
) -> np.ndarray:
    """Return the vertices with shapes on and the jaw turned by a share of jawOpen."""
    identity = identity or {}
    own, fixes = head.fitted(identity)
    points = (head.vertices + head.displacement(identity)).astype(float)
    for name, value in shapes.items():
        points = points + value * own[ARKIT_INDEX[name]]
    for name, value in {**(correctives or {}), "jawOpen": jaw}.items():
        points = points + value * fixes[CORRECTIVES.index(name)]
    c, s = np.cos(jaw * JAW_OPEN_RAD), np.sin(jaw * JAW_OPEN_RAD)
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    joint = head.joints_of(identity)[BONES.index("jaw")]
    weight = head.weights[:, [BONES.index("jaw")]]
    return points * (1 - weight) + weight * ((points - joint) @ turn.T + joint)


def seal(head: HeadModel, name: str):
    return next(found for found in head.seals if found.name == name)


@pytest.mark.skipif(not build_head.DEFAULT_SOURCE.is_file(), reason="`make head` downloads it")
def test_the_script_makes_the_asset(tmp_path: Path) -> None:
    build_head.build(Figure(MakeHuman(build_head.DEFAULT_SOURCE))).save(tmp_path / "head.npz")
    made, bundled = HeadModel.load(tmp_path / "head.npz"), HeadModel.bundled()
    np.testing.assert_allclose(made.vertices, bundled.vertices, atol=1e-6)
    np.testing.assert_allclose(made.shapes, bundled.shapes, atol=2e-5)


def test_it_is_a_head_in_metres(head: HeadModel) -> None:
    skin = head.vertices[part(head, "skin")]
    eyes = head.joints[3:]
    assert eyes[0, 0] - eyes[1, 0] == pytest.approx(0.060, abs=0.005)
    above_neck = skin[skin[:, 1] > head.joints[1, 1] + 0.03]
    assert np.ptp(above_neck[:, 0]) == pytest.approx(0.165, abs=0.03)
    assert np.ptp(skin[:, 1]) < 0.45


def test_weights_and_shapes_are_whole(head: HeadModel) -> None:
    np.testing.assert_allclose(head.weights.sum(axis=1), 1, atol=1e-5)
    assert np.isfinite(head.shapes).all()
    sizes = np.linalg.norm(head.shapes, axis=2).max(axis=1)
    for name, size in zip(ARKIT_SHAPES, sizes, strict=True):
        assert 0.001 < size < 0.05, name
    assert len({*ARKIT_SHAPES, *CORRECTIVES}) == 52


def test_left_and_right_are_mirror_images_but_for_the_hairs_of_brows(head: HeadModel) -> None:
    hairs = np.flatnonzero(part(head, "brow"))
    alike = np.setdiff1d(np.arange(head.n_vertices), hairs)
    middle = head.vertices[hairs, 0] > 0
    lengths = [np.ptp(head.vertices[hairs[side], 1]) for side in (middle, ~middle)]
    assert 1e-5 < abs(lengths[0] - lengths[1]) < 0.003
    for name in ARKIT_SHAPES:
        if name.endswith("Left") and name != "mouthLeft":
            left = head.shapes[ARKIT_INDEX[name]]
            right = head.shapes[ARKIT_INDEX[name.replace("Left", "Right")]]
            np.testing.assert_allclose(
                np.sort(np.abs(left[alike]).sum(axis=1)),
                np.sort(np.abs(right[alike]).sum(axis=1)),
                atol=2e-4,
            )
            moved = np.linalg.norm(left, axis=1)
            assert (moved * head.vertices[:, 0]).sum() > 0, name


def test_bone_and_corrective_make_the_face_units_jaw_open(head: HeadModel) -> None:
    opened = posed(head, {}, 1.0)
    np.testing.assert_allclose(opened, head.vertices + head.opened, atol=1e-4)


@pytest.mark.parametrize("who", PEOPLE)
def test_lips_are_sealed_at_every_angle_of_the_jaw(head: HeadModel, who: str) -> None:
    lips = seal(head, "mouthClose")
    opened = lips.gaps(posed(head, {}, 1.0, PEOPLE[who]))
    assert opened.max() > 0.02
    for jaw in ANGLES:
        points = posed(head, {"mouthClose": jaw}, jaw, PEOPLE[who])
        upper, lower = lips.edges(points)
        # Lips that press into each other are sealed too; what counts is the height of a gap.
        assert (upper - lower)[:, 1].max() < 0.0007, f"jaw at {jaw:.1f}"


def _width(points: np.ndarray) -> float:
    return float(np.ptp(points[:, 0]))


def _height(points: np.ndarray) -> float:
    return float(np.ptp(points[:, 1]))


#: Slider -> where it counts, a zone of the skin or a box around the mean person's (x aside, y, z
#: from and to, metres, from between the eyes), and what must grow with it.
CHIN = ((0.0, 0.02), (-0.125, -0.095), (0.06, 0.15))
JAW = ((0.03, 0.09), (-0.10, -0.06), (-0.03, 0.08))
THROAT = ((0.0, 0.09), (-0.13, -0.10), (-0.2, 0.2))
GROWS = {
    "nose_width": ("nose", _width), "mouth_width": ("lips", _width), "ear_size": ("ears", _height),
    "ears_out": ("ears", _width), "head_width": ("scalp", _width), "jaw_width": (JAW, _width),
    "lower_lip": ("lips", _height), "upper_lip": ("lips", _height), "weight": (THROAT, _width),
    "brow_height": ("brows", lambda points: float(points[:, 1].mean())),
    "chin_forward": (CHIN, lambda points: float(points[:, 2].mean())),
}  # fmt: skip


@pytest.mark.parametrize("slider", GROWS)
def test_sliders_work_in_both_directions(head: HeadModel, slider: str) -> None:
    where, measured = GROWS[slider]
    inside = part(head, "skin")
    if isinstance(where, str):
        inside &= head.zones[:, head.zone_names.index(where)] > 0.5
    else:
        places = head.vertices - (0.0, head.joints[3:, 1].mean(), 0.0)
        places[:, 0] = np.abs(places[:, 0])
        for axis, (low, high) in enumerate(where):
            inside &= (places[:, axis] >= low) & (places[:, axis] <= high)
    sizes = [measured((head.vertices + head.displacement({slider: value}))[inside])
             for value in (-1.0, 0.0, 1.0)]  # fmt: skip
    assert sizes[0] < sizes[1] < sizes[2], sizes


@pytest.mark.parametrize("slider", HeadModel.bundled().identity_names)
def test_every_slider_changes_the_head_and_stays_in_reason(head: HeadModel, slider: str) -> None:
    moved = np.linalg.norm(head.displacement({slider: 1.0}), axis=1)
    assert 0.001 < moved.max() < 0.08
    lips = seal(head, "mouthClose")
    for value in (-1.0, 1.0):
        points = head.vertices + head.displacement({slider: value})
        upper, lower = lips.edges(points)
        assert (upper - lower)[:, 1].max() < 0.0007, "it parts the lips"


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("side", ["Left", "Right"])
def test_lids_close_without_a_gap(head: HeadModel, who: str, side: str) -> None:
    lids = seal(head, f"eyeBlink{side}")
    assert lids.gaps(posed(head, {}, 0.0, PEOPLE[who])).max() > 0.004
    assert lids.gaps(posed(head, {f"eyeBlink{side}": 1.0}, 0.0, PEOPLE[who])).max() < 2e-4


@pytest.mark.parametrize("value", [0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("who", PEOPLE)
def test_lids_pass_before_the_eyeball(head: HeadModel, who: str, value: float) -> None:
    points = posed(head, {"eyeBlinkLeft": value}, 0.0, PEOPLE[who])
    upper, lower = seal(head, "eyeBlinkLeft").edges(points)
    ball = points[part(head, "eye_left")]
    centre = head.joints_of(PEOPLE[who])[BONES.index("eye_left")]
    white = np.linalg.norm(ball - centre, axis=1).min()
    for edge in (upper, lower):
        assert np.linalg.norm(edge - centre, axis=1).min() > 0.97 * white


@pytest.mark.parametrize("who", PEOPLE)
def test_brows_stay_when_lids_close(head: HeadModel, who: str) -> None:
    rest, closed = (posed(head, {"eyeBlinkLeft": value}, 0.0, PEOPLE[who]) for value in (0.0, 1.0))
    moved = np.linalg.norm(closed - rest, axis=1)
    assert moved[part(head, "brow")].max() < 0.002
    assert moved[part(head, "lash")].max() > 0.004


def test_weight_shows_in_cheeks_jaw_and_neck(head: HeadModel) -> None:
    skin, lips = part(head, "skin"), seal(head, "mouthClose").edges(head.vertices)[0][:, 1].mean()
    rest = head.vertices[skin]
    thin, heavy = ((head.vertices + head.displacement({"weight": w}))[skin] for w in (-1.0, 1.0))

    def between(low: float, high: float) -> np.ndarray:
        return (rest[:, 1] > lips + low) & (rest[:, 1] < lips + high) & (rest[:, 2] > -0.02)

    for low, high in ((-0.01, 0.01), (-0.045, -0.03)):  # cheeks, jaw
        at = between(low, high)
        assert np.ptp(heavy[at, 0]) > 1.1 * np.ptp(thin[at, 0])
    throat = between(-0.09, -0.075)
    assert heavy[throat, 2].max() > thin[throat, 2].max() + 0.005


def test_the_tongue_leaves_the_mouth(head: HeadModel) -> None:
    points = posed(head, {"tongueOut": 1.0}, 0.5)
    tongue = points[part(head, "tongue")]
    lips = np.concatenate(seal(head, "mouthClose").edges(points))
    assert tongue[:, 2].max() > lips[:, 2].max() + 0.005
    assert np.ptp(tongue[:, 1]) > 0.008  # it has volume


def test_lids_follow_the_look(head: HeadModel) -> None:
    lids = seal(head, "eyeBlinkLeft")

    def heights(**correctives: float) -> tuple[float, float]:
        upper, lower = lids.edges(posed(head, {}, correctives=correctives))
        return float(upper[:, 1].max()), float(lower[:, 1].min())

    rest = heights()
    assert heights(eyeLookDownLeft=1.0)[0] < rest[0] - 0.002
    assert heights(eyeLookUpLeft=1.0)[0] > rest[0] + 0.0005


def test_teeth_stay_behind_the_lips(head: HeadModel) -> None:
    lips = np.concatenate(seal(head, "mouthClose").edges(posed(head, {})))
    teeth = head.vertices[part(head, "teeth_upper", "teeth_lower")]
    assert teeth[:, 2].max() < lips[:, 2].max()


def test_colours_follow_the_look(head: HeadModel) -> None:
    pale, dark = (vertex_colors(head, Look(skin=c)) for c in ((0.8, 0.6, 0.5), (0.1, 0.05, 0.03)))
    skin = part(head, "skin")
    assert pale[skin, :3].mean() > 3 * dark[skin, :3].mean()
    assert pale.min() >= 0
    assert pale.max() <= 1
    edges = np.abs(np.diff(head.zones[skin, head.zone_names.index("lips")]))
    assert ((head.zones > 0.1) & (head.zones < 0.9)).any()  # zones fade, they have no steps
    assert edges.max() <= 1


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "head.npz"
    broken.write_bytes(BUNDLED_PATH.read_bytes()[:1000])
    with pytest.raises(InputError):
        HeadModel.load(broken)
    with pytest.raises(InputError):
        worn.load(broken, "short")


def test_unknown_names_are_said(head: HeadModel) -> None:
    with pytest.raises(InputError, match="no slider 'nose'"):
        head.displacement({"nose": 1.0})
    with pytest.raises(InputError, match="choose one of"):
        worn.load(worn.HAIR_PATH, "mohawk")
    with pytest.raises(InputError, match="nobody called"):
        cast.person("Nobody")


@pytest.mark.parametrize("style", ["short", "bob", "bun", "long"])
def test_locks_look_outwards(style: str) -> None:
    piece = worn.load(worn.HAIR_PATH, style)
    corners = piece.vertices[piece.face_corners.reshape(-1, 4)].astype(float)
    facing = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    crown = piece.vertices[:, 1].max()
    middle = np.array([0.0, crown - 0.11, piece.vertices[:, 2].mean()])
    out = corners.mean(axis=1) - middle
    out[:, 1] = np.maximum(out[:, 1], 0)
    area = np.linalg.norm(facing, axis=1)
    assert area[(facing * out).sum(axis=1) > 0].sum() > 0.75 * area.sum()
