"""Measure the pipeline and write the numbers into docs/curation.md: `make evaluate-curation`.

    python -m dualtalk.curation.evaluation.measure

Renders are made first by `curation.evaluation.dialogues` and `modelling.footage.scenes`.
"""

import argparse
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ...core.files import atomic
from ...core.names import ARKIT_SHAPES
from ..faces.landmarker import Landmarker
from ..reconstruction.regressor import LEAST_CONFIDENCE, bundled
from . import real, rendered

BEGIN, END = "<!-- measured -->\n", "<!-- end of measured -->\n"


def at_least(what: str, wanted: float, value: float, digits: int = 2, unit: str = "") -> str:
    """Return a line of the table for what should be no less than wanted."""
    said = "held" if value >= wanted else "**missed**"
    return f"| {what} | {wanted:g}{unit} | {value:.{digits}f}{unit} | {said} |"


def at_most(what: str, wanted: float, value: float, digits: int = 2, unit: str = "") -> str:
    """Return a line of the table for what should be no more than wanted."""
    said = "held" if value <= wanted else "**missed**"
    return f"| {what} | {wanted:g}{unit} | {value:.{digits}f}{unit} | {said} |"


_CORRELATIONS = {
    "lip gap": 0.93, "mouth width": 0.85, "lids": 0.80, "jaw": 0.88, "gaze yaw": 0.85,
}  # fmt: skip


def rendered_rows(
    natural: rendered.Found, small: rendered.Found, chance: rendered.Found
) -> list[str]:
    """Return what was measured on renders."""
    active = [natural.mean(name) for name in ARKIT_SHAPES if name in natural.r]
    by_chance = [chance.mean(name) for name in ARKIT_SHAPES if name in chance.r]
    lips_mm, mean_mm = np.array(natural.lips_mm).mean(axis=0)
    worst = max(abs(off) for values in natural.distance_off.values() for off in values)
    tiny = f"both found, faces of {min(small.size_px):.0f} and {max(small.size_px):.0f} px"
    cost = float(np.mean(natural.cpu_s_per_s))
    return [
        at_least("both faces found, frames", 99, 100 * min(natural.both_seen), 1, " %"),
        at_least(tiny, 95, 100 * min(small.both_seen), 1, " %"),
        *(at_least(f"{n}, r", least, natural.mean(n)) for n, least in _CORRELATIONS.items()),
        f"| gaze pitch, r | | {natural.mean('gaze pitch'):.2f} | |",
        at_least("active shapes on natural motion, mean r", 0.65, float(np.mean(active))),
        f"| shapes by chance, mean r | | {np.mean(by_chance):.2f} | |",
        at_most(f"lip vertices (mean face {mean_mm:.2f} mm)", 1.7, lips_mm, 2, " mm"),
        at_most(
            "turn of the head after its bias", 1.6, float(np.mean(natural.rotation_deg)), 1, "°"
        ),
        at_most("distance between heads, worst of lenses x0.75-1.35", 5, 100 * worst, 1, " %"),
        at_most("CPU s per s of two people in 720p, without sound", 1.0, cost),
    ]


def real_rows(found: real.Real) -> list[str]:
    """Return what was measured on real clips."""
    network, level, pairs = found.moving
    right, voices = found.one_voice
    n_cuts, there, false = found.cuts
    n_split, n_whole = 100 * np.mean(found.split), 100 * (1 - np.mean(found.whole))
    return [
        at_least(f"cuts found of {there} ({false} false)", there, n_cuts, 0),
        at_least(f"split screens found of {len(found.split)}", 100, float(n_split), 0, " %"),
        at_least(f"clips of one picture kept of {len(found.whole)}", 100, float(n_whole), 0, " %"),
        at_least("covered mouths, AUC", 0.95, found.covered_auc, 3),
        at_least(
            f"speaker, other mouth at rest, {voices} clips", 95, 100 * right / voices, 0, " %"
        ),
        at_least(f"speaker, both mouths move, {pairs} pairs", 90, 100 * network / pairs, 0, " %"),
        f"| the same by level alone | | {100 * level / pairs:.0f} % | |",
    ]


def shape_lines(natural: rendered.Found) -> list[str]:
    """Return r of every active shape, and which are declared unobservable."""
    trust = dict(zip(ARKIT_SHAPES, bundled().confidence, strict=True))
    known = [f"{name} {natural.mean(name):.2f}" for name in ARKIT_SHAPES if name in natural.r]
    hidden = [name for name in ARKIT_SHAPES if trust[name] < LEAST_CONFIDENCE]
    return [
        "",
        f"r of each active shape: {', '.join(known)}.",
        "",
        f"Declared unobservable (confidence below {LEAST_CONFIDENCE}): {', '.join(hidden)}.",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write."""
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=Path, default=Path("build/curation/scenes"))
    parser.add_argument("--clips", type=Path, default=Path("../shared/video/clips"))
    parser.add_argument("--page", type=Path, default=root / "docs" / "curation.md")
    given = parser.parse_args(arguments)
    kinds = {name: rendered.Found() for name in ("natural", "small", "random")}
    with Landmarker() as landmarker:
        for path in sorted(given.scenes.glob("*.mp4")):
            found = kinds[path.stem.split("_")[0]]
            rendered.measure(*rendered.watched(path, landmarker, found), found)
        filters = (
            real.measure(given.clips, given.scenes, landmarker) if given.clips.is_dir() else None
        )
    write(given.page, report(kinds, filters))


def report(kinds: Mapping[str, rendered.Found], filters: real.Real | None) -> str:
    """Return the table, and what is known of each shape."""
    rows = rendered_rows(kinds["natural"], kinds["small"], kinds["random"])
    if filters is not None:
        rows += real_rows(filters)
    lines = ["| what | wanted | measured | |", "|---|---|---|---|", *rows]
    lines += shape_lines(kinds["natural"])
    lines += ["", f"Measured on one core of a shared machine ({platform.machine()})."]
    return "\n".join(lines) + "\n"


def write(page: Path, text: str, begin: str = BEGIN, end: str = END) -> None:
    """Put a text between the marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    with atomic(page) as temporary:
        temporary.write_text(f"{before}{begin}{text}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
