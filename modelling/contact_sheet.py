"""Draw docs/images/head_shapes.png: every shape of the built-in head, labelled.

python -m modelling.contact_sheet [--output FILE]
"""

import argparse
from pathlib import Path

from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.names import ARKIT_SHAPES, JAW_OPEN_RAD
from dualtalk.modelling import studio
from dualtalk.rig.characters import builtin
from dualtalk.rig.characters.character import Character
from PIL import Image, ImageDraw

_SIZE = (170, 200)
_COLUMNS = 10
#: Poses beyond the single shapes: label, shapes, jaw rotation as a share of jawOpen.
_POSES: tuple[tuple[str, dict[str, float], float], ...] = (
    ("jaw 50 %", {}, 0.5),
    ("jaw 100 %", {}, 1.0),
    ("jaw + mouthClose", {"mouthClose": 1.0}, 1.0),
    ("M, B, P", {"mouthClose": 0.25, "mouthPressLeft": 0.3, "mouthPressRight": 0.3}, 0.25),
    ("both lids", {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}, 0.0),
    ("half closed", {"eyeBlinkLeft": 0.5, "eyeBlinkRight": 0.5}, 0.0),
    ("smile", {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8}, 0.1),
    ("OO", {"mouthPucker": 0.7, "mouthFunnel": 0.25}, 0.2),
    ("tongue", {"tongueOut": 1.0}, 0.6),
)


def main() -> None:
    """Render every pose and put them on one sheet."""
    root = Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(description=__doc__)
    default = root / "docs" / "images" / "head_shapes.png"
    parser.add_argument("--output", type=Path, default=default)
    options = parser.parse_args()
    poses = [("rest", {}, 0.0), *((name, {name: 1.0}, 0.0) for name in ARKIT_SHAPES), *_POSES]
    character = _set_up()
    rows = -(-len(poses) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * _SIZE[0], rows * _SIZE[1]))
    for index, (label, shapes, jaw) in enumerate(poses):
        _pose(character, shapes, jaw)
        picture = studio.rendered()
        ImageDraw.Draw(picture).text((4, _SIZE[1] - 14), label, fill="white")
        row, column = divmod(index, _COLUMNS)
        sheet.paste(picture, (column * _SIZE[0], row * _SIZE[1]))
    sheet.save(options.output)


def _set_up() -> Character:
    scene = studio.empty(_SIZE)
    character = builtin.build(HeadModel.bundled(), "A", 1, "Head", scene.collection)
    studio.look_at(scene, (0.0, -0.06, 0.160), 1.0, 12, 148)
    return character


def _pose(character: Character, shapes: dict[str, float], jaw: float) -> None:
    keys = character.mesh.data.shape_keys.key_blocks
    for name in ARKIT_SHAPES:
        keys[name].value = shapes.get(name, 0.0)
    bone = character.armature.pose.bones["jaw"]
    bone.rotation_mode = "XYZ"
    bone.rotation_euler.x = jaw * JAW_OPEN_RAD


if __name__ == "__main__":
    main()
