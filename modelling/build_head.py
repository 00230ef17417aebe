"""Build the built-in head: python -m modelling.build_head [--output assets/builtin_head.npz]."""

import argparse
from pathlib import Path

import numpy as np
from dualtalk.core.faces.builtin_head import BUNDLED_PATH, HeadModel, HeadVariant
from dualtalk.core.names import ARKIT_SHAPES, BONES, JAW_OPEN_RAD
from dualtalk.modelling import sculpt, shapes
from dualtalk.modelling import skin as sk
from dualtalk.modelling.sculpt import MATERIALS, Part
from numpy.typing import NDArray
from scipy.spatial import cKDTree

FloatArray = NDArray[np.float64]

#: Joints with the origin between the eyes (FLAME's places on a head of this size).
ROOT = np.array([0.0, -0.200, -0.090])
NECK = np.array([0.0, -0.105, -0.082])
JAW = np.array([0.0, -0.034, -0.066])
VARIANTS = {
    "A": {
        "identity": {"width": 0.25, "jaw": 0.9, "nose": 0.35, "brow": 0.8, "lips": -0.4},
        "colors": {
            "skin": [0.78, 0.53, 0.41, 1], "lips": [0.62, 0.32, 0.27, 1],
            "hair": [0.10, 0.065, 0.045, 1], "hair_low": [0.78, 0.53, 0.41, 1],
            "brow": [0.09, 0.06, 0.045, 1], "iris": [0.16, 0.30, 0.42, 1],
            "cloth": [0.13, 0.25, 0.42, 1],
        },
    },
    "B": {
        "identity": {"width": -0.45, "jaw": -0.7, "nose": -0.4, "lips": 1.0, "hair": 1.0},
        "colors": {
            "skin": [0.50, 0.31, 0.22, 1], "lips": [0.46, 0.16, 0.16, 1],
            "hair": [0.30, 0.11, 0.055, 1], "hair_low": [0.30, 0.11, 0.055, 1],
            "brow": [0.13, 0.06, 0.04, 1], "iris": [0.20, 0.115, 0.045, 1],
            "cloth": [0.56, 0.30, 0.12, 1],
        },
    },
}  # fmt: skip
COMMON_COLORS = {
    "eye_white": [0.93, 0.93, 0.91, 1],
    "pupil": [0.012, 0.012, 0.014, 1],
    "mouth": [0.16, 0.04, 0.04, 1],
    "teeth": [0.90, 0.88, 0.82, 1],
    "tongue": [0.55, 0.22, 0.20, 1],
}

#: Long hair: how thick it is, and between which heights it hangs down behind, metres.
_HAIR_M, _BOB_TOP_Y, _BOB_END_Y = 0.016, 0.0325, -0.125

SHINE = {"eye_white": 0.1, "iris": 0.1, "pupil": 0.05, "lips": 0.4, "teeth": 0.25}


def build() -> HeadModel:
    """Return the head, always the same."""
    skin = sk.build()
    _, _, mouth_row, eye_row = sk.row_heights()
    sculpt.place_lids(skin, eye_row)
    sculpt.shape_lips(skin, mouth_row)
    normals = sculpt.normals_of(skin.vertices, skin.quads)
    sculpt.grow_hair(skin, normals)
    parts = [_skin_part(skin, mouth_row)]
    parts += [sculpt.mouth_pocket(skin), sculpt.teeth(True), sculpt.teeth(False), sculpt.tongue()]
    parts += [
        f(is_left) for f in (sculpt.eyeball, sculpt.brow, sculpt.ear) for is_left in (True, False)
    ]
    vertices = np.concatenate([part.vertices for part in parts])
    names = np.concatenate([np.full(len(part.vertices), part.name) for part in parts])
    weights = _weights(skin, parts, vertices, names, mouth_row)
    face = _face(skin, parts, vertices, names, mouth_row)
    deltas = _shapes(face, skin, eye_row, names, weights)
    hair = np.zeros_like(vertices)
    hair[: len(skin.vertices)] = _hair_growth(skin, normals)
    identities = shapes.identities(face, hair)
    return _assembled(parts, vertices, weights, deltas, identities)


def _skin_part(skin: sk.Skin, mouth_row: int) -> Part:
    centres = skin.vertices[skin.quads[:, :3]].mean(axis=1)
    rows = skin.row[skin.quads[:, 0]]
    columns = skin.column[skin.quads[:, 0]]
    over_hairline = centres[:, 1] - sculpt.hairline(centres)
    # The lips' colour tapers to the corners like the lips.
    from_middle = np.abs(columns + 0.5) / sk.MOUTH_COLUMNS
    reach = np.select([from_middle < 0.6, from_middle < 0.8, from_middle < 1.0], [4, 3, 2], 0)
    on_lips = (rows >= mouth_row - reach) & (rows < mouth_row + reach)
    materials = np.full(len(centres), "skin", dtype="<U12")
    materials[on_lips] = "lips"
    azimuth = np.degrees(np.abs(np.arctan2(centres[:, 0], centres[:, 2] - sk.AXIS_Z)))
    materials[(azimuth > sculpt.BEHIND_EAR_DEG - 6) & (centres[:, 1] > _BOB_END_Y)] = "hair_low"
    materials[over_hairline > 0] = "hair"
    materials[centres[:, 1] < -0.182] = "cloth"
    return Part("skin", skin.vertices, skin.quads, list(map(str, materials)))


def _hair_growth(skin: sk.Skin, normals: FloatArray) -> FloatArray:
    """Return how each vertex moves as hair grows long (V, 3): thicker above, a bob behind."""
    x, y, z = skin.vertices.T
    depth = np.clip((y - sculpt.hairline(skin.vertices)) / 0.03, 0, 1)
    out = np.stack([x, np.zeros_like(x), z - sk.AXIS_Z], axis=1)
    radius = np.linalg.norm(out, axis=1)
    azimuth = np.degrees(np.abs(np.arctan2(x, z - sk.AXIS_Z)))
    behind = np.clip((azimuth - sculpt.BEHIND_EAR_DEG + 8) / 16, 0, 1)
    long = behind * (y > _BOB_END_Y) * np.clip((_BOB_TOP_Y + 0.04 - y) / 0.04, 0, 1)
    # Below its widest place hair hangs from the back of the head; it does not follow the neck in.
    top = np.abs(y - _BOB_TOP_Y) < 0.0017
    widest = {column: radius[top & (skin.column == column)].max() for column in set(skin.column)}
    fall = np.clip((_BOB_TOP_Y - y) / (_BOB_TOP_Y - _BOB_END_Y), 0, 1)
    hanging = np.array([widest[column] for column in skin.column]) + _HAIR_M * (1 - 0.9 * fall**2)
    hanging = np.where(y > _BOB_TOP_Y, radius + _HAIR_M, hanging)
    bob = out / radius[:, None] * np.maximum(hanging - radius, 0)[:, None]
    thick = normals * (_HAIR_M * depth)[:, None]
    grown: FloatArray = thick + long[:, None] * (bob - thick)
    return grown


def _sides(
    skin: sk.Skin, parts: list[Part], n: int, mouth_row: int
) -> tuple[FloatArray, FloatArray]:
    """Return how much each vertex goes with the upper and the lower lip, (V,) each."""
    upper, lower = np.full(n, 0.0), np.full(n, 0.0)
    sign = np.where(skin.mouth_side != 0, skin.mouth_side, np.sign(skin.row - mouth_row))
    count = len(skin.vertices)
    upper[:count] = (1 + sign) / 2
    lower[:count] = (1 - sign) / 2
    pocket = slice(count, count + len(parts[1].vertices))
    upper[pocket], lower[pocket] = 1 - parts[1].lower, parts[1].lower
    return upper, lower


def _face(
    skin: sk.Skin, parts: list[Part], vertices: FloatArray, names: NDArray[np.str_], mouth_row: int
) -> shapes.Face:
    upper, lower = _sides(skin, parts, len(vertices), mouth_row)
    soft = np.isin(names, ["skin", "mouth", "brow"]).astype(float)
    # The inside of the mouth follows the lips near their edge only.
    pocket = names == "mouth"
    soft[pocket] = np.clip((vertices[pocket, 2] + 0.012) / 0.022, 0, 1)
    return shapes.Face(vertices, upper, lower, soft)


def _weights(
    skin: sk.Skin, parts: list[Part], vertices: FloatArray, names: NDArray[np.str_], mouth_row: int
) -> FloatArray:
    """Return skinning (V, 5): the lower face follows the jaw, the head the neck."""
    x, y, z = vertices.T
    angle = np.arctan2(JAW[1] - y, np.maximum(z - JAW[2], 1e-4))
    line = np.arctan2(JAW[1] - sk.MOUTH_Y, 0.015 - JAW[2])
    smooth = _step((angle - line + 0.20) / 0.42)
    _, lower = _sides(skin, parts, len(vertices), mouth_row)
    beyond = np.clip((np.abs(x) - 0.019) / 0.022, 0, 1)
    jaw = (1 - beyond) * lower + beyond * smooth
    # The throat and what lies behind the joint stay with the skull.
    jaw *= _step((z - JAW[2] + 0.012) / 0.045) * (1 - _step((angle - 1.02) / 0.5))
    jaw[names == "mouth"] = lower[names == "mouth"]
    jaw[np.isin(names, ["teeth_lower", "tongue"])] = 1.0
    jaw[np.isin(names, ["teeth_upper", "brow", "ear", "eye_left", "eye_right"])] = 0.0
    neck = _step((y + 0.185) / 0.075)
    weights = np.zeros((len(vertices), len(BONES)))
    weights[:, 0] = 1 - neck
    weights[:, 1], weights[:, 2] = neck * (1 - jaw), neck * jaw
    for bone, name in ((3, "eye_left"), (4, "eye_right")):
        weights[names == name] = 0
        weights[names == name, bone] = 1
    return weights


def _step(t: FloatArray) -> FloatArray:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def _shapes(
    face: shapes.Face, skin: sk.Skin, eye_row: int, names: NDArray[np.str_], weights: FloatArray
) -> FloatArray:
    """Return all ARKit deltas in their order, (40, V, 3)."""
    found = dict(shapes.whole_face(face))
    twin = _twins(face.points, face.upper, names)
    for name, left in {**shapes.one_sided(face), **_lids(face, skin, eye_row)}.items():
        found[f"{name}Left"] = left
        found[f"{name}Right"] = shapes.mirrored(left, twin)
    found["mouthClose"] = _mouth_close(face, weights)
    out = np.clip((face.points[:, 2] + 0.0525) / 0.048, 0, 1) ** 1.5 * (names == "tongue")
    found["tongueOut"] = shapes.move(out, 0, 2.0, 40)
    return np.stack([found[name] for name in ARKIT_SHAPES])


def _lids(face: shapes.Face, skin: sk.Skin, eye_row: int) -> dict[str, FloatArray]:
    """Return the left eye's shapes: lids slide over the eyeball."""
    lids, a, s, is_upper = sculpt.lid_coordinates(skin, eye_row, is_left=True)
    rest = sculpt.lid_surface(a, s, is_upper, sculpt.UPPER_LID_RAD, sculpt.LOWER_LID_RAD)
    follows = (1 - s * s * (3 - 2 * s))[:, None]

    def moved(upper: float, lower: float) -> FloatArray:
        deltas = np.zeros_like(face.points)
        deltas[lids] = (sculpt.lid_surface(a, s, is_upper, upper, lower) - rest) * follows
        return deltas

    lower, upper = sculpt.LOWER_LID_RAD, sculpt.UPPER_LID_RAD
    below = face.near((0.032, -0.020, 0.010), (0.018, 0.009, 0.02)) * face.left()
    return {
        "eyeBlink": moved(sculpt.CLOSED_RAD, sculpt.CLOSED_RAD),
        "eyeSquint": moved(upper - np.radians(6), lower + np.radians(11))
        + shapes.move(below, 0, 2, 1),
        "eyeWide": moved(upper + np.radians(13), lower - np.radians(4)),
    }


def _mouth_close(face: shapes.Face, weights: FloatArray) -> FloatArray:
    """Return what brings the lips together while the jaw is turned by `JAW_OPEN_RAD`.

    Skinning is linear, so the delta that puts each vertex where it should be can be solved for:
    ((1 - w) I + w R) d = wanted - skinned.
    """
    c, s = np.cos(JAW_OPEN_RAD), np.sin(JAW_OPEN_RAD)
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    w = weights[:, 2:3]
    skinned = face.points * (1 - w) + w * ((face.points - JAW) @ turn.T + JAW)
    edge = np.array([[0, sk.MOUTH_Y, 0.019]])
    drop = (edge - JAW) @ turn.T + JAW - edge  # how far the lower lip's edge goes
    reach = np.where(face.lower > face.upper, 0.017, 0.015)
    x, y, _ = face.points.T
    near = np.exp(-(((y - sk.MOUTH_Y) / reach) ** 4)) * (1 - _step((np.abs(x) - 0.027) / 0.02))
    share = 0.45  # the lips meet a little above half way, the upper one stretches less
    wanted = face.points + share * drop * near[:, None]
    lifted = wanted * near[:, None] + skinned * (1 - near[:, None])
    matrices = (1 - w)[:, :, None] * np.eye(3) + w[:, :, None] * turn
    deltas = np.linalg.solve(matrices, (lifted - skinned)[:, :, None])[:, :, 0]
    moves = face.soft * np.maximum(face.upper, face.lower)
    closed: FloatArray = deltas * moves[:, None]
    return closed


def _twins(points: FloatArray, upper: FloatArray, names: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return each vertex's counterpart across the middle; slits' two edges are kept apart."""
    kinds = {name: index for index, name in enumerate(np.unique(names))}
    kind = np.array([kinds[name.replace("left", "right")] for name in names]) * 10.0
    key = np.column_stack([points, 0.01 * upper, kind])
    mirror = np.column_stack([points * [-1, 1, 1], 0.01 * upper, kind])
    return np.asarray(cKDTree(key).query(mirror)[1], np.int64)


def _assembled(
    parts: list[Part],
    vertices: FloatArray,
    weights: FloatArray,
    deltas: FloatArray,
    identities: dict[str, FloatArray],
) -> HeadModel:
    sizes, corners, materials = [], [], []
    first = 0
    for part in parts:
        for face in part.faces:
            used = face[face >= 0]
            sizes.append(len(used))
            corners.extend(used + first)
        materials += [MATERIALS.index(name) for name in part.materials]
        first += len(part.vertices)
    left_eye = sk.EYE_CENTRE
    joints = np.stack([ROOT, NECK, JAW, left_eye, left_eye * [-1, 1, 1]]) - ROOT
    identity_joints = np.zeros((len(identities), len(BONES), 3))
    width = list(identities).index("width")
    identity_joints[width, 3:, 0] = 0.10 * joints[3:, 0]
    variants = tuple(
        HeadVariant(
            name,
            variant["identity"],
            {key: tuple(color) for key, color in variant["colors"].items()},
            tuple(dict.fromkeys(part.name for part in parts)),
        )
        for name, variant in VARIANTS.items()
    )
    colors = {**COMMON_COLORS, **VARIANTS["A"]["colors"]}
    part_names = tuple(dict.fromkeys(part.name for part in parts))
    part_of = np.concatenate(
        [np.full(len(part.vertices), part_names.index(part.name)) for part in parts]
    )
    return HeadModel(
        vertices=(vertices - ROOT).astype(np.float32),
        face_sizes=np.array(sizes, np.int32),
        face_corners=np.array(corners, np.int32),
        face_materials=np.array(materials, np.int32),
        material_names=MATERIALS,
        material_colors=np.array([colors[name] for name in MATERIALS], np.float32),
        material_roughness=np.array([SHINE.get(name, 0.6) for name in MATERIALS], np.float32),
        shapes=deltas.astype(np.float32),
        identity_names=tuple(identities),
        identities=np.stack(list(identities.values())).astype(np.float32),
        joints=joints.astype(np.float32),
        identity_joints=identity_joints.astype(np.float32),
        weights=weights.astype(np.float32),
        parts=part_of.astype(np.int32),
        part_names=part_names,
        variants=variants,
    )


def main() -> None:
    """Write the asset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=BUNDLED_PATH)
    options = parser.parse_args()
    model = build()
    model.save(options.output)
    print(f"{len(model.vertices)} vertices, {len(model.face_sizes)} faces: {options.output}")


if __name__ == "__main__":
    main()
