"""Measure who speaks when: `python -m training.turns.evaluate --speech ../shared/speech`.

Writes docs/turns.md. The voices of the mixtures are those that training holds out; the clip's truth
is the energy of its two separate tracks (`core.turns.speaking`).
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
import torch
from dualtalk.core.dialogue import FRAME_SAMPLES, SAMPLE_RATE, n_frames_of
from dualtalk.core.turns import speaking
from dualtalk.inference.turn_taking.finding import find_turns
from dualtalk.training.turns import mixtures
from dualtalk.training.two_track.evaluation import conditions
from numpy.typing import NDArray
from sklearn.cluster import KMeans, SpectralClustering

N_MIXTURES = 50
MIXTURE_S = 30.0
#: Frames around each change of who speaks that do not count, as is usual (0.25 s on each side).
COLLAR_FRAMES = 6
_STRETCH_FRAMES = 25

_HEADER = (
    "| recordings | system | frames right, % | decisions right, % | DER, % | DER, collar, % |\n"
    "| --- | --- | --- | --- | --- | --- |"
)
_COUNT_HEADER = (
    "| people in it | taken for one, % | for two, % | for three, % |\n| --- | --- | --- | --- |"
)

Active = NDArray[np.bool_]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Scores:
    """How near found turns are to the truth."""

    frames: float  #: share of frames in which what is said of both people is right
    decisions: float  #: share of (person, frame) that is right
    error_rate: float  #: diarization error rate, no collar
    error_rate_collar: float  #: the same with a collar of 0.25 s


def scores(found: Active, truth: Active, knows_who: bool = False) -> Scores:
    """Compare (2, n_frames) with (2, n_frames), as it is if the system knows who is A."""
    n = min(found.shape[1], truth.shape[1])
    truth = truth[:, :n]
    orders = [found[:, :n]] if knows_who else [found[:, :n], found[::-1, :n]]
    best = max(orders, key=lambda order: (order == truth).mean())
    counted = ~_near_changes(truth)
    return Scores(
        float((best == truth).all(axis=0).mean()),
        float((best == truth).mean()),
        error_rate(best, truth),
        error_rate(best[:, counted], truth[:, counted]),
    )


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


def by_network(sound: FloatArray, voice_a: FloatArray | None = None) -> Active:
    """Return the turns that the product finds."""
    return find_turns(sound, voice_a).active


@dataclass(frozen=True)
class Case:
    """A recording and its truth."""

    sound: FloatArray
    active: Active
    voice_a: FloatArray  #: some seconds of A that are not in the recording, if there are more


def held_out_cases(speech: Path, seed: int = 5) -> list[Case]:
    """Return mixtures of held-out voices: half of each voice to talk, the rest to be known by."""
    people = mixtures.real_people(speech, kept_apart=True)
    generator = np.random.default_rng(seed)
    cases = []
    for _ in range(N_MIXTURES):
        a, b = (people[int(i)].sound for i in generator.choice(len(people), 2, replace=False))
        tracks = mixtures.conversation(a[3 * SAMPLE_RATE :], b, MIXTURE_S, generator)
        active = speaking(tracks)
        cases.append(Case(mixtures.recorded(tracks, generator), active, a[: 3 * SAMPLE_RATE]))
    return cases


def clip_case(shared: Path) -> Case:
    """Return the real clip mixed to mono; A's voice is its own first 3 s of speech."""
    tracks = conditions.real_clip(shared).dialogue.tracks
    active = speaking(tracks)
    alone = np.repeat(active[0] & ~active[1], FRAME_SAMPLES)[: tracks.shape[1]]
    voice = tracks[0][: len(alone)][alone][: 3 * SAMPLE_RATE]
    return Case(tracks.sum(axis=0), active, voice)


def counted(speech: Path, seed: int = 6) -> list[str]:
    """Return rows that say how often recordings of one, two and three people are taken for what."""
    people = mixtures.real_people(speech, kept_apart=True)
    generator = np.random.default_rng(seed)
    rows = []
    for number, name in ((1, "one"), (2, "two"), (3, "three")):
        heard = [find_turns(_talk(people, number, generator)).notes for _ in range(N_MIXTURES)]
        notes = [" ".join(note) for note in heard]
        said = [sum(word in note for note in notes) for word in ("Only one", "Three or more")]
        shares = [said[0], N_MIXTURES - sum(said), said[1]]
        rows.append(
            f"| {name} | " + " | ".join(f"{100 * x / N_MIXTURES:.0f}" for x in shares) + " |"
        )
    return rows


def _talk(people: list[mixtures.Person], number: int, generator: np.random.Generator) -> FloatArray:
    """Return a recording in which this many people speak."""
    chosen = [people[int(i)].sound for i in generator.choice(len(people), number, replace=False)]
    half_s = MIXTURE_S / 2
    tracks = [
        mixtures.conversation(a, b, half_s, generator)
        for a, b in ((chosen[0], chosen[1 % number]), (chosen[number - 1], chosen[1 % number - 1]))
    ]
    if number == 1:
        tracks = [np.stack([part.sum(axis=0), np.zeros_like(part[0])]) for part in tracks]
    return mixtures.recorded(np.concatenate(tracks, axis=1), generator)


def table(name: str, cases: list[Case]) -> list[str]:
    """Return the rows of one set of recordings."""
    systems: dict[str, Callable[[Case], Active]] = {
        "DualTalk": lambda case: by_network(case.sound),
        "DualTalk, 3 s of A known": lambda case: by_network(case.sound, case.voice_a),
        "MFCC, k-means": lambda case: by_clustering(case.sound, "k-means"),
        "MFCC, spectral": lambda case: by_clustering(case.sound, "spectral"),
    }
    rows = []
    for system, find in systems.items():
        each = [scores(find(case), case.active, "known" in system) for case in cases]
        mean = [
            float(np.mean([getattr(one, field) for one in each]))
            for field in ("frames", "decisions", "error_rate", "error_rate_collar")
        ]
        rows.append(f"| {name} | {system} | " + " | ".join(f"{100 * x:.1f}" for x in mean) + " |")
    return rows


def main() -> None:
    """Measure and write docs/turns.md between its marks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("docs/turns.md"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    speech = options.shared / "speech"
    rows = [_HEADER, *table("held-out voices", held_out_cases(speech))]
    rows += [*table("real clip", [clip_case(options.shared)]), "", _COUNT_HEADER, *counted(speech)]
    text = options.output.read_text(encoding="utf-8")
    begin, end = "<!-- measured -->\n", "<!-- end -->"
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    options.output.write_text(head + begin + "\n".join(rows) + "\n" + end + tail, "utf-8")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
