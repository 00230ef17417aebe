"""Draw assets/cast/*.png: the faces of the cast, for the list in the panel.

python -m modelling.portraits [--output FOLDER]
"""

import argparse
from pathlib import Path

from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.faces.cast import people
from dualtalk.core.paths import ASSETS
from dualtalk.modelling import studio
from dualtalk.rig.characters import builtin

_SIZE = (160, 160)


def main() -> None:
    """Render everybody."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ASSETS / "cast")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    scene = studio.empty(_SIZE)
    model = HeadModel.bundled()
    head = None
    for who in people():
        if head is None:
            head = builtin.build(model, who, 1, "Head", scene.collection)
        else:
            head.become(who, model)
        eyes = model.joints_of(who.identity)[3:].mean(axis=0)
        studio.look_at(scene, (0.0, -float(eyes[2]) + 0.06, float(eyes[1]) - 0.012), 1.0, -22, 135)
        picture = studio.rendered()
        picture.save(options.output / f"{who.name}.png", optimize=True)


if __name__ == "__main__":
    main()
