"""What super-resolution of small faces does to what is found, against the truth of a render.

    python -m dualtalk.curation.evaluation.enlarged --network NETWORK.onnx

The same scene of faces of some 45 px is looked at without (the crop is interpolated linearly),
with a bicubic enlargement in a network's place, and with the network, if one is given.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ..faces.enlarging import Enlarger
from ..faces.landmarker import Landmarker
from ..footage.video import Picture
from . import rendered
from .measure import write

BEGIN, END = "<!-- enlarged -->\n", "<!-- end of enlarged -->\n"
_SHOWN = ("lip gap", "mouth width", "lids", "jaw")


class Bicubic(Enlarger):
    """What a network has to beat."""

    def __init__(self, factor: int = 2) -> None:
        self.name, self.sha256, self.factor = "bicubic", "", factor

    def enlarged(self, picture: Picture) -> Picture:
        """Return a picture `factor` times as large."""
        size = (self.factor * picture.shape[1], self.factor * picture.shape[0])
        found: Picture = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
        return found


def row(name: str, enlarger: Enlarger | None, scenes: Sequence[Path]) -> str:
    """Measure all scenes with one enlarger and return a line of the table."""
    found = rendered.Found()
    with Landmarker(enlarger=enlarger) as landmarker:
        for path in scenes:
            rendered.measure(*rendered.watched(path, landmarker, found), found)
    r = " | ".join(f"{found.mean(shown):.3f}" for shown in _SHOWN)
    lips_mm, _ = np.array(found.lips_mm).mean(axis=0)
    turn, cpu_s = (float(np.mean(each)) for each in (found.rotation_deg, found.cpu_s_per_s))
    return f"| {name} | {r} | {lips_mm:.2f} mm | {turn:.1f}° | {cpu_s:.2f} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write."""
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=Path, default=Path("build/curation/scenes"))
    parser.add_argument("--network", type=Path, help="ONNX file of a super-resolution network")
    parser.add_argument("--page", type=Path, default=root / "docs" / "curation.md")
    given = parser.parse_args(arguments)
    scenes = sorted(given.scenes.glob("small*.mp4"))
    tried: list[tuple[str, Enlarger | None]] = [("none", None), ("bicubic x2", Bicubic())]
    if given.network is not None:
        own = Enlarger(given.network)
        tried.append((f"{own.name} x{own.factor}", own))
    shown = " | ".join(f"{name}, r" for name in _SHOWN)
    head = f"| enlarged by | {shown} | lip vertices | turn | CPU s per s |"
    lines = [head, "|" + "---|" * (len(_SHOWN) + 4), *(row(*each, scenes) for each in tried)]
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    write(given.page, text, BEGIN, END)


if __name__ == "__main__":
    main()
