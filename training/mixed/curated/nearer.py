"""Whether a network that learned from curated video comes nearer to the people in it.

    python -m training.mixed.curated.nearer --after FOLDER/own-video-mixed.safetensors
    python -m training.mixed.curated.nearer --after FOLDER/... --choose

Both networks hear held-out dialogues of `training.curated.dialogues`, with voices that are in no
video that was trained on; the truth is how the people of those videos would have moved. Writes the
table of docs/curation.md; with `--choose` it hears other readers, to choose by, and writes nothing.
Pairs are drawn for the intervals, each with its two numbers.
"""

import argparse
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from dualtalk.core.conversation.turns import speaking
from dualtalk.core.motion import Motion
from dualtalk.curation.reconstruction.regressor import LEAST_CONFIDENCE, bundled
from dualtalk.evaluation import intervals
from dualtalk.inference import checkpoints
from dualtalk.inference.audio import read_dialogue
from dualtalk.inference.mixed.predict import MixedOptions, predict_mixed
from dualtalk.inference.networks.mixed import MixedNetwork
from dualtalk.training import markdown
from dualtalk.training.speech.visemes import lip_aperture
from numpy.typing import NDArray

Numbers = dict[str, float]

#: What is measured, and of what unit it is: an error each, smaller is nearer.
MEASURES = {
    "seen shapes, RMS": "",
    "jaw while speaking, RMS": "°",
    "lips' aperture while speaking, RMS": "",
    "lips' aperture while speaking, 1 - r": "",
    "head about its mean, RMS": "°",
    "how much heads move, off by": "°",
    "how much seen shapes move, off by": "",
}
_SEEDS = 1


@dataclass(frozen=True)
class Held:
    """A pair that was not trained on."""

    name: str
    tracks: NDArray[np.float32]  #: (2, n_samples)
    motions: tuple[Motion, Motion]


def held_out(folder: Path, kind: str = "heldout") -> list[Held]:
    """Return every held-out pair of a folder, or every pair of another kind."""
    names = sorted(
        path.name.removesuffix("_speaker1.npz") for path in folder.glob(f"{kind}_*_speaker1.npz")
    )
    found = []
    for name in names:
        files = [folder / f"{name}_speaker{who}" for who in (1, 2)]
        tracks = read_dialogue(*(Path(f"{file}.wav") for file in files)).tracks
        first, second = (Motion.load(Path(f"{file}.npz")) for file in files)
        found.append(Held(name, tracks, (first, second)))
    return found


def errors(network: MixedNetwork, pair: Held) -> Numbers:
    """Return how far a network's people are from the true ones, mean of people and seeds."""
    exact = speaking(pair.tracks)
    track, mask = pair.tracks.sum(axis=0), exact.astype(np.float32)
    rows = []
    for seed in range(_SEEDS):
        made = predict_mixed(track, mask, network, MixedOptions(seed=seed, raw=True))
        rows += [
            compared(ours, true, active)
            for ours, true, active in zip(made, pair.motions, exact, strict=True)
        ]
    return {name: float(np.nanmean([row[name] for row in rows])) for name in MEASURES}


def compared(ours: Motion, true: Motion, active: NDArray[np.bool_]) -> Numbers:
    """Return the errors of one person; nan where who never speaks should."""
    n = min(ours.n_frames, true.n_frames, len(active))
    talks = active[:n]
    is_seen = bundled().confidence >= LEAST_CONFIDENCE
    shapes = (ours.expression[:n] - true.expression[:n])[:, is_seen]
    lips = [lip_aperture(m.expression[:n], m.jaw[:n])[talks] for m in (ours, true)]
    jaw = (ours.jaw[:n, 0] - true.jaw[:n, 0])[talks]
    heads = [m.head[:n] - m.head[:n].mean(axis=0) for m in (ours, true)]
    is_heard = talks.sum() > 25
    numbers = (
        _rms(shapes),
        np.degrees(_rms(jaw)) if is_heard else np.nan,
        _rms(lips[0] - lips[1]) if is_heard else np.nan,
        1 - float(np.corrcoef(lips[0], lips[1])[0, 1]) if is_heard else np.nan,
        np.degrees(np.sqrt(3) * _rms(heads[0] - heads[1])),
        # An error is also made smaller by moving less: these say whether it was.
        np.degrees(np.sqrt(3) * abs(_rms(heads[0]) - _rms(heads[1]))),
        abs(_moved(ours.expression[:n, is_seen]) - _moved(true.expression[:n, is_seen])),
    )
    return dict(zip(MEASURES, map(float, numbers), strict=True))


def _rms(values: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.square(values).mean())) if values.size else float("nan")


def _moved(values: NDArray[np.floating]) -> float:
    """Return how much (n_frames, n) values move about their means."""
    return _rms(values - values.mean(axis=0))


def rows_of(before: list[Numbers], after: list[Numbers]) -> list[list[str]]:
    """Return a line of the table per measure; what is nearer is so for every draw of pairs."""
    rows = []
    for name, unit in MEASURES.items():
        pair = np.array([[b[name], a[name]] for b, a in zip(before, after, strict=True)])
        pair = pair[np.isfinite(pair).all(axis=1)]
        nearer = intervals.mean(pair[:, 0] - pair[:, 1], block=1)
        verdict = "nearer" if nearer.low > 0 else "farther" if nearer.high < 0 else "not shown"
        values = [f"{x:.3f}{unit}" for x in pair.mean(axis=0)]
        rows.append([name, *values, nearer.text(3) + unit, verdict])
    return rows


def main() -> None:
    """Measure, and write the table."""
    root = Path(__file__).resolve().parents[3]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialogues", type=Path, default=Path("build/curated/dialogues"))
    parser.add_argument("--before", type=Path, default=checkpoints.bundled_path(MixedNetwork))
    parser.add_argument("--after", type=Path, required=True)
    parser.add_argument("--page", type=Path, default=root / "docs" / "curation.md")
    parser.add_argument("--choose", action="store_true", help="on pairs that are not reported")
    given = parser.parse_args()
    torch.set_num_threads(1)
    networks = [checkpoints.load(p, MixedNetwork).network for p in (given.before, given.after)]
    pairs = held_out(given.dialogues, "choose" if given.choose else "heldout")
    before, after = ([errors(network, pair) for pair in pairs] for network in networks)
    kind = "pairs to choose by" if given.choose else "held-out pairs"
    header = [f"{kind}, error of", "before", "after", "nearer by", ""]
    text = markdown.table(header, rows_of(before, after))
    seconds = sum(pair.tracks.shape[1] for pair in pairs) / 16_000
    text += f"\n{len(pairs)} pairs, {seconds:.0f} s ({platform.machine()}).\n"
    if not given.choose:
        markdown.replace_measured(given.page, text)
    print(text)


if __name__ == "__main__":
    main()
