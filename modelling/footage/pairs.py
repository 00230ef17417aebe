"""Pairs of real dialogues, filmed: what stands for videos of one's own (docs/curation.md).

    python -m modelling.footage.pairs --output build/curated/videos

Every dialogue `train_NN` of `training.curated.dialogues` is rendered in 640x360: other people in
each, another distance, angle, lens and light.
"""

import argparse
from pathlib import Path

import numpy as np
from dualtalk.core.faces.cast import Person
from dualtalk.core.motion import Motion
from dualtalk.modelling.footage.people import training_people
from dualtalk.modelling.footage.scenes import Scene, film

_SIZE_PX = (640, 360)


def planned(dialogues: Path) -> list[Scene]:
    """Return a scene for every dialogue that is to be filmed."""
    names = sorted(
        path.name[: -len("_speaker1.npz")] for path in dialogues.glob("train_*_speaker1.npz")
    )
    people = training_people(2 * len(names))
    return [
        _scene(i, name, (people[2 * i], people[2 * i + 1]), dialogues)
        for i, name in enumerate(names)
    ]


def _scene(index: int, name: str, people: tuple[Person, Person], dialogues: Path) -> Scene:
    generator = np.random.default_rng((7, index))
    distance = float(generator.uniform(0.6, 0.9))
    return Scene(
        name, people, name, Motion.load(dialogues / f"{name}_speaker1.npz").n_frames,
        distance_m=distance, angle_deg=float(generator.uniform(25, 65)),
        camera_m=float(generator.uniform(1.6, 2.4)), width_m=distance + 0.55,
        seed=100 + index, size_px=_SIZE_PX, first_frame=0,
    )  # fmt: skip


def main() -> None:
    """Film every pair that is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialogues", type=Path, default=Path("build/curated/dialogues"))
    parser.add_argument("--output", type=Path, default=Path("build/curated/videos"))
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for plan in planned(arguments.dialogues):
        if not (arguments.output / f"{plan.name}.npz").is_file():
            film(plan, arguments.dialogues, arguments.output)


if __name__ == "__main__":
    main()
