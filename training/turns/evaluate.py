"""Measure who speaks when: `python -m training.turns.evaluate`.

Writes docs/turns.md: real conversations (`conversations.py`) one by one, mixtures of the held-out
readers, and how often as many voices are found as there are.
"""

import argparse
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
import torch
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES, SAMPLE_RATE, n_frames_of
from dualtalk.core.conversation.turns import Turns, speaking
from dualtalk.core.motion import NETWORK_FPS
from dualtalk.inference.turn_taking.finding import find_turns
from dualtalk.training.turns import conversations, mixtures
from dualtalk.training.turns.conversations import Recording
from numpy.typing import NDArray
from sklearn.cluster import KMeans, SpectralClustering

MIXTURE_S = 30.0
#: Frames around each change of who speaks that do not count, as is usual (0.25 s on each side).
COLLAR_FRAMES = 6
_STRETCH_FRAMES = 25
#: Who is heard alone for less than this is not counted on to be found.
_LEAST_ALONE_S = 2.0
_BLOCK_FRAMES = 50
#: What is to be reached on real conversations: frames of one speaker right, error rate.
_ALONE_GOAL, _RATE_GOAL = 0.88, 0.20

_REAL_HEADER = (
    "| recording | s | frames of one speaker right, % | DER, % | DER, collar, % | voices found | "
    "MFCC, k-means: frames, DER | goal |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
)
_HEADER = (
    "| system | frames right, % | decisions right, % | DER, % | DER, collar, % |\n"
    "| --- | --- | --- | --- | --- |"
)
_COUNT_HEADER = (
    "| people in it | taken for one, % | for two, % | for three or more, % |\n"
    "| --- | --- | --- | --- |"
)

Active = NDArray[np.bool_]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Scores:
    """How near found turns are to the truth."""

    alone: float  #: share of frames in which one person speaks, said of both rightly
    frames: float  #: share of frames in which what is said of both people is right
    decisions: float  #: share of (person, frame) that is right
    error_rate: float  #: diarization error rate, no collar
    error_rate_collar: float  #: the same with a collar of 0.25 s


def scores(found: Active, truth: Active, knows_who: bool = False) -> Scores:
    """Compare (2, n_frames) with (2, n_frames), as it is if the system knows who is A."""
    truth, best = aligned(found, truth, knows_who)
    counted = ~_near_changes(truth)
    one = truth.sum(axis=0) == 1
    return Scores(
        float((best == truth).all(axis=0)[one].mean()) if one.any() else 1.0,
        float((best == truth).all(axis=0).mean()),
        float((best == truth).mean()),
        error_rate(best, truth),
        error_rate(best[:, counted], truth[:, counted]),
    )


def aligned(found: Active, truth: Active, knows_who: bool = False) -> tuple[Active, Active]:
    """Return truth and found, cut to one length, found in the order in which more is right."""
    n = min(found.shape[1], truth.shape[1])
    truth = truth[:, :n]
    orders = [found[:, :n]] if knows_who else [found[:, :n], found[::-1, :n]]
    return truth, max(orders, key=lambda order: (order == truth).mean())


def error_rate(found: Active, truth: Active) -> float:
    """Return missed, false and confused speech over all speech (NIST RT-09, section 3)."""
    n_found, n_truth = found.sum(axis=0), truth.sum(axis=0)
    right = (found & truth).sum(axis=0)
    wrong = np.maximum(n_found, n_truth) - right
    return float(wrong.sum() / max(int(n_truth.sum()), 1))


def _near_changes(truth: Active) -> Active:
    changes = (np.diff(truth.astype(np.int8), axis=1) != 0).any(axis=0)
    near = np.zeros(truth.shape[1], bool)
    for frame in np.flatnonzero(changes):
        near[max(0, frame + 1 - COLLAR_FRAMES) : frame + 1 + COLLAR_FRAMES] = True
    return near


def by_clustering(sound: FloatArray, kind: str) -> Active:
    """Return the turns of a plain system: energy tells speech, clusters of MFCCs tell voices.

    Args:
        sound: (n_samples,) of the mix.
        kind: "k-means" or "spectral".
    """
    n_frames = n_frames_of(len(sound))
    active = speaking(np.stack([sound, np.zeros_like(sound)]))[0]
    mfcc = librosa.feature.mfcc(y=sound, sr=SAMPLE_RATE, n_mfcc=20, hop_length=FRAME_SAMPLES)
    mfcc = mfcc[1:, :n_frames].T  # loudness tells nothing of who it is
    half = _STRETCH_FRAMES // 2
    voiced = np.flatnonzero(active[: len(mfcc)])
    if len(voiced) < 10:
        return np.stack([active, np.zeros_like(active)])
    around = np.stack([mfcc[max(0, t - half) : t + half + 1].mean(axis=0) for t in voiced])
    around = (around - around.mean(axis=0)) / (around.std(axis=0) + 1e-6)
    if kind == "k-means":
        label = KMeans(2, n_init=10, random_state=0).fit_predict(around)
    else:
        label = SpectralClustering(2, gamma=1 / around.shape[1], random_state=0).fit_predict(around)
    found = np.zeros((2, n_frames), bool)
    found[label, voiced] = True
    return found


def by_network(sound: FloatArray) -> Turns:
    """Return the turns that the product finds."""
    return find_turns(sound)


def interval(case: Recording, found: Active, seed: int = 0) -> tuple[list[float], list[float]]:
    """Return the 95 % intervals of single-speaker frames right, and of the error rate.

    Blocks of 2 s are drawn anew (Kuensch 1989): frames beside each other are not independent.
    """
    truth, best = aligned(found, case.active)
    alone = truth.sum(axis=0) == 1
    wrong = np.maximum(best.sum(axis=0), truth.sum(axis=0)) - (best & truth).sum(axis=0)
    columns = np.stack([alone & (best == truth).all(axis=0), alone, wrong, truth.sum(axis=0)])
    n = columns.shape[1] // _BLOCK_FRAMES
    blocks = columns[:, : n * _BLOCK_FRAMES].reshape(4, n, _BLOCK_FRAMES).sum(axis=2)
    drawn = np.random.default_rng(seed).integers(n, size=(1000, n))
    sums = blocks[:, drawn].sum(axis=2).astype(float)  # (4, 1000)
    shares = sums[0] / np.maximum(sums[1], 1), sums[2] / np.maximum(sums[3], 1)
    right, rate = (np.percentile(share, (2.5, 97.5)).tolist() for share in shares)
    return right, rate


def real_table(cases: list[Recording]) -> list[str]:
    """Return a row for each real recording, and how fast it went."""
    rows = [_REAL_HEADER]
    took = seconds = 0.0
    for case in cases:
        started = time.process_time()
        turns = by_network(case.sound)
        took += time.process_time() - started
        seconds += len(case.sound) / SAMPLE_RATE
        score = scores(turns.active, case.active)
        right, rate = interval(case, turns.active)
        plain = scores(by_clustering(case.sound, "k-means"), case.active)
        met = score.alone >= _ALONE_GOAL and score.error_rate <= _RATE_GOAL
        missed = "met" if met else "missed"
        length_s = len(case.sound) / SAMPLE_RATE
        rows.append(
            f"| {case.name} | {length_s:.0f} | {_percent(score.alone, right)} | "
            f"{_percent(score.error_rate, rate)} | {100 * score.error_rate_collar:.1f} | "
            f"{turns.n_voices} of {len(case.active)} | {100 * plain.alone:.1f}, "
            f"{100 * plain.error_rate:.1f} | {missed} |"
        )
    rows += ["", f"{seconds / took:.0f} times real time on one core of {_machine()}."]
    return rows


def _percent(value: float, between: list[float]) -> str:
    return f"{100 * value:.1f} ({100 * between[0]:.0f} to {100 * between[1]:.0f})"


def _machine() -> str:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8") if os.name == "posix" else ""
    names = [line.split(":")[1].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else platform.processor()


def mixture(people: list[mixtures.Person], generator: np.random.Generator) -> Recording:
    """Return a mixture of two of the people, and its truth."""
    a, b = (people[int(i)].sound for i in generator.choice(len(people), 2, replace=False))
    tracks = mixtures.conversation(a, b, MIXTURE_S, generator)
    return Recording("mixture", mixtures.recorded(tracks, generator), speaking(tracks))


def mixture_table(speech: Path, number: int, seed: int = 5) -> list[str]:
    """Return rows for this many mixtures of held-out voices."""
    people = mixtures.real_people(speech, kept_apart=True)
    generator = np.random.default_rng(seed)
    each: dict[str, list[Scores]] = {"DualTalk": [], "MFCC, k-means": []}
    for _ in range(number):
        made = mixture(people, generator)
        each["DualTalk"].append(scores(by_network(made.sound).active, made.active))
        each["MFCC, k-means"].append(scores(by_clustering(made.sound, "k-means"), made.active))
    rows = [_HEADER]
    for name, found in each.items():
        cells = []
        for field in ("frames", "decisions", "error_rate", "error_rate_collar"):
            values = np.array([getattr(one, field) for one in found])
            drawn = generator.integers(len(values), size=(1000, len(values)))
            between = np.percentile(values[drawn].mean(axis=1), (2.5, 97.5)).tolist()
            cells.append(_percent(float(values.mean()), between))
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return rows


def count_table(speech: Path, n_each: int, seed: int = 6) -> list[str]:
    """Return rows that say how often recordings of one, two and three people are taken for what."""
    people = mixtures.real_people(speech, kept_apart=True)
    generator = np.random.default_rng(seed)
    rows = [_COUNT_HEADER]
    sure: list[tuple[bool, bool]] = []
    for number, name in ((1, "one"), (2, "two"), (3, "three")):
        turns = [by_network(talk(people, number, generator)) for _ in range(n_each)]
        found = [min(one.n_voices or 0, 3) for one in turns]
        shares = [100 * found.count(count) / n_each for count in (1, 2, 3)]
        rows.append(f"| {name} | " + " | ".join(f"{share:.0f}" for share in shares) + " |")
        sure += [
            ((one.sureness or 0) > 0.99, n == number) for one, n in zip(turns, found, strict=True)
        ]
    for is_sure, word in ((True, "sure"), (False, "likely or unsure")):
        right = [is_right for said, is_right in sure if said == is_sure]
        rows.append(
            f"\n{word}: {len(right)} recordings, {100 * np.mean(right or [0]):.0f} % right."
        )
    return rows


def talk(people: list[mixtures.Person], number: int, generator: np.random.Generator) -> FloatArray:
    """Return a recording in which this many people speak, each of them alone for a while."""
    while True:
        chosen = [
            people[int(i)].sound for i in generator.choice(len(people), number, replace=False)
        ]
        alone_s = np.zeros(number)
        parts = []
        for pair in ((0, 1 % number), (number - 1, 0)):
            tracks = mixtures.conversation(*(chosen[i] for i in pair), MIXTURE_S / 2, generator)
            if number == 1:  # nobody speaks over themselves
                tracks[1] = 0
            active = speaking(tracks)
            is_alone = active & (active.sum(axis=0) == 1)
            np.add.at(alone_s, list(pair), is_alone.sum(axis=1) / NETWORK_FPS)
            parts.append(tracks)
        if alone_s.min() >= _LEAST_ALONE_S:
            return mixtures.recorded(np.concatenate(parts, axis=1), generator)


def main() -> None:
    """Measure and write docs/turns.md between its marks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("docs/turns.md"))
    parser.add_argument("--mixtures", type=int, default=30, help="of two held-out voices")
    parser.add_argument("--counted", type=int, default=30, help="of one, of two, of three people")
    options = parser.parse_args()
    torch.set_num_threads(1)
    speech = options.shared / "speech"
    rows = [*real_table(conversations.stretches(options.shared)), ""]
    rows += [*mixture_table(speech, options.mixtures), ""]
    rows += count_table(speech, options.counted)
    text = options.output.read_text(encoding="utf-8")
    begin, end = "<!-- measured -->\n", "<!-- end -->"
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    options.output.write_text(head + begin + "\n".join(rows) + "\n" + end + tail, "utf-8")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
