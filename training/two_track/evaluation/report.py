"""docs/quality.md and its pictures, from the numbers of `evaluate` beside this file."""

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from dualtalk.core.motion import NETWORK_FPS, Motion
from dualtalk.evaluation import intervals
from dualtalk.evaluation.intervals import Interval
from dualtalk.training.markdown import table
from dualtalk.training.speech import visemes
from dualtalk.training.speech.phones import BILABIALS, PHONES, Utterance
from dualtalk.training.two_track.evaluation import measure, mouths, people

Numbers = dict[str, Any]

#: The rows of the clip's jaw that are ours.
RAW, FINISHED = "DualTalk, as the network gives it", "DualTalk, with the rules behind the network"
#: How often the jaw of the clip must follow the tracked one.
_CLIP_GOAL = 0.45
_HEAD = f"""# How good the bundled checkpoint is

Written by `make evaluate` (`python -m training.two_track.evaluation.evaluate`); the raw
numbers are in [quality.json](quality.json). Nothing that is measured here was trained on, and
whoever is measured here is on the one list of people held out (`training/held_out.py`). What is
set by hand behind the network was chosen on others, who are reported nowhere:
[training.md](training.md#who-is-measured-and-what-is-chosen-by-hand).
The network of one mixed track, and what each of its parts is worth, is measured in
[mixed.md](mixed.md#what-each-part-is-worth).

In brackets stands where a number would lie in {intervals.LEVEL:.0%} of such recordings (circular
block bootstrap, blocks of {intervals.BLOCK_FRAMES / NETWORK_FPS:g} s, `evaluation/intervals.py`).
A goal is met only if all of that lies on its right side; a number on the wrong side is missed.
"""


def write(numbers: Numbers, curves: dict[str, Any], folder: Path) -> None:
    """Write `quality.md`, `quality-jaw.png` and `quality-lips.png` into a folder."""
    plot_jaw(curves["clip"], folder / "quality-jaw.png")
    plot_lips(*curves["reading"], folder / "quality-lips.png")
    sections = [_HEAD, _clip(numbers["clip"]), mouths.section(numbers["mouths"]), _lips(numbers)]
    sections.append(_roles(numbers))
    sections += [_robustness(numbers["robustness"]), _listening(numbers)]
    sections += [_flame(numbers["flame"]), _diversity(numbers["diversity"])]
    (folder / "quality.md").write_text("\n".join(sections))


def _against(found: Interval, goal: float, *, at_least: bool = True) -> str:
    """Return a goal beside a number, and whether it is met."""
    sign = "at least" if at_least else "at most"
    return f"{sign} {goal:g}: {found.verdict(goal, at_least=at_least)}"


def _clip(clip: Numbers) -> str:
    rows = [[name, v["zero"].text(), v["best"].text()] for name, v in clip["jaw"].items()]
    return (
        "## Jaw on a real conversation\n\n"
        "Correlation of the jaw's opening with the tracked jaw of speaker 1 in `clips/dialogue` "
        "(30 s), over the frames in which that speaker speaks; best lag within 4 frames, chosen "
        "anew in each draw of the bootstrap. The tracking is noisy and leads the sound by 2 to 3 "
        "frames; 0.5 is about the ceiling. The ridge regression has seen the clip; the network and "
        "the envelopes have not. One rule behind the network, that a jaw does not open wide for "
        "what is unclear (`inference/postprocess/lips.py`), was found by looking at this clip: its "
        "row shows what users get, and the network alone is judged.\n\n"
        + table(["curve", "r, zero lag", "r, best lag"], rows)
        + f"\nGoal, for the network alone, {_against(clip['jaw'][RAW]['best'], _CLIP_GOAL)}. Best "
        f"lag {clip['best_lag_frames']} frames. Without posture (a Gaussian of "
        f"{mouths.POSTURE_S} s taken off both, best lag within {mouths.MAX_LAG} frames), the "
        f"network alone: r {clip['without_posture']:.2f}; 0.50 is asked. Both heads together run "
        f"at {clip['times_real_time']:.0f} times real time on one processor core.\n\n"
        "![jaw](quality-jaw.png)\n"
    )


_LIPS_TEXT = """## Lips on speech of known phones

Real reading: LJSpeech, 25 s, one speaker, aligned by pocketsphinx. Held-out readers: LibriSpeech,
10 s each, words by two recognisers and put right by reading
(`training/speech/transcripts.py`), so that not all that counts as wrong is. Synthetic: accents of
espeak-ng that training never uses, exact times.

Jaw: r with the jaw that the labels give. AUC and F1: closed on frames of P, B, M against other
speech; *heard* is the likelihood of a closure that the network tells, a curve of its own as in
other recognisers; all else is the aperture of the lips themselves, which must not shut a little
wherever a closure is a little likely. F1 at its best threshold and at the fixed one of 10 % of an
ordinary opening. Closed: share of P, B, M at which the lips come within that. Opened: share of
open vowels that open beyond 30 %.

"""
_LIPS = {
    "AUC, heard": "heard_auc",
    "F1, heard": "heard_f1",
    "AUC, lips": "auc",
    "F1, lips": "f1",
    "F1, fixed": "f1_fixed",
    "closed": "closed_share",
    "opened": "open_share",
}


def _lips(numbers: Numbers) -> str:
    def row(name: str, lips: Numbers) -> list[str]:
        return [name, lips["jaw"].text(), *(f"{lips[k].value:.2f}" for k in _LIPS.values())]

    rows = [row(f"real reading, {name}", lips) for name, lips in numbers["reading"].items()]
    rows.append(row("held-out readers, clean", numbers["held_out"]))
    rows.append(row("unseen synthetic voices", numbers["synthetic"]))
    clean, exact, timing = numbers["reading"]["clean"], numbers["synthetic"], numbers["timing"]
    readers = numbers["held_out"]
    checks = [
        f"{name}, {found.text()}, {_against(found, goal)}"
        for name, found, goal in (
            ("real reading: jaw r", clean["jaw"], 0.90),
            ("real reading: closure heard, AUC", clean["heard_auc"], 0.985),
            ("real reading: closure heard, F1", clean["heard_f1"], 0.88),
            ("real reading: lips, AUC", clean["auc"], 0.94),
            ("real reading: lips, F1", clean["f1"], 0.78),
            ("real reading: P, B, M closed", clean["closed_share"], 0.90),
            ("held-out readers: jaw r", readers["jaw"], 0.85),
            ("held-out readers: closure heard, AUC", readers["heard_auc"], 0.97),
            ("held-out readers: closure heard, F1", readers["heard_f1"], 0.84),
            ("held-out readers: lips, AUC", readers["auc"], 0.94),
            ("held-out readers: lips, F1", readers["f1"], 0.78),
            ("held-out readers: P, B, M closed", readers["closed_share"], 0.90),
            ("P, B, M closed on synthetic voices", exact["closed_share"], 0.90),
        )
    ] + [
        f"{name}, {timing[key].text(0)} ms, {_against(_size(timing[key]), 40, at_least=False)}"
        for name, key in (
            ("lips half open after the onset of the voice", "opening_ms"),
            ("lips parted after the burst of P, B", "release_ms"),
            ("curve of the lips against exact labels", "curve_ms"),
            ("tightest lips after the middle of P, B, M", "closure_ms"),
        )
    ]
    return (
        _LIPS_TEXT
        + table(["speech", "jaw r", *_LIPS], rows)
        + "\n"
        + "".join(f"- {check}\n" for check in checks)
        + "\nLags are means on the synthetic voices, against the sound itself where it says so "
        f"(40 ms are a frame). Closed lips begin to part {-timing['parting_ms'].value:.0f} ms "
        "before the voice (people: 100 to 300 ms, Chandrasekaran et al. 2009).\n\n"
        "![lips](quality-lips.png)\n"
    )


def _size(lag: Interval) -> Interval:
    """Return how far a lag is from none, either way."""
    ends = (abs(lag.low), abs(lag.high))
    least = 0.0 if lag.low < 0 < lag.high else min(ends)
    return Interval(abs(lag.value), least, max(ends))


def _roles(numbers: Numbers) -> str:
    everybody = dict(_people(numbers))
    rows = [
        [name, *(one.cell(values[one.key]) for one in people.MOUTH)]
        for name, values in everybody.items()
    ]
    return (
        "## Who moves the mouth\n\nEnergy of the mouth while only the partner speaks over that "
        "while speaking (goal at most 0.10), and share of the silent frames in which the lips "
        "are closed (goal at least 0.95). Silent are frames at least "
        f"{measure.SETTLING_FRAMES / NETWORK_FPS:.2f} s away from own speech: people's lips part "
        "0.1 to 0.3 s before their voice is heard (Chandrasekaran et al. 2009). The last column "
        "counts those frames too.\n\n"
        + table(["person", *(one.label for one in people.MOUTH)], rows)
        + "\n"
        + people.missed(people.MOUTH, everybody)
    )


def _robustness(conditions: Numbers) -> str:
    rows = []
    for name, clip in conditions.items():
        pairs = (*clip["role_energy_ratio"], *clip["silence_closed_share"])
        rows.append([name, clip["jaw"].text(), *(f"{value:.2f}" for value in pairs)])
    return (
        "## The real conversation, spoiled\n\nThe same numbers of the clip when both tracks come "
        "over a telephone, with noise, or with music, as loud against the voices as it says.\n\n"
        + table(
            ["sound", "jaw r"]
            + [f"{what}, {i}" for what in ("energy ratio", "closed in silence") for i in (1, 2)],
            rows,
        )
    )


def _listening(numbers: Numbers) -> str:
    everybody, real = dict(_people(numbers)), numbers["tracked"]
    rows = [
        [
            one.label,
            *(one.cell(values[one.key]) for values in everybody.values()),
            f"{real[one.key]:.{one.digits}f}" if one.key in real else "",
            one.text,
        ]
        for one in people.FACE
    ]
    speeds = [
        everybody["clip, 1"][key] / real[key]
        for key in ("head_speed_speaking", "head_speed_listening")
    ]
    return (
        "## Face and head beyond the mouth\n\nTwo conversations: the real clip, and readers that "
        "training does not use, 10 s each in turn. The ranges of people are approximate: studies "
        "count differently; each number is the mean of five seeds. Clip 1 listens for "
        f"{real['listening_s']:.0f} s, so that one nod more is {60 / real['listening_s']:.1f} per "
        "minute; *real, 1* is what the same count finds in that person's tracked head, smoothed "
        "as ours is.\n\n"
        + table(["what", *everybody, "real, 1", "people"], rows)
        + "\n"
        + people.missed(people.FACE, everybody)
        + f"\nBeside the real person of clip 1 our head moves {speeds[0]:.1f} times as fast while "
        f"speaking and {speeds[1]:.1f} times while listening: "
        + ("**missed**" if max(speeds) > 1.2 else "within a fifth")
        + ", whatever the range of two other dialogues.\n"
    )


def _flame(flame: Numbers) -> str:
    names = {"to_flame": "ARKit to FLAME", "to_arkit": "FLAME to ARKit"}
    rows = [
        [
            label,
            flame[key].mean_r.text(),
            f"{flame[key].best_r:.2f}",
            f"{flame[key].explained:.2f}",
        ]
        for key, label in names.items()
    ]
    values = {(s["metric"], s["part"]): s["scaled"] for s in flame["paper"]}
    kinds = list(dict.fromkeys(metric for metric, _ in values))
    parts = list(dict.fromkeys(part for _, part in values))
    values_of = [[kind, *(f"{values[kind, part]:.2f}" for part in parts)] for kind in kinds]
    return (
        "## FLAME\n\nThe bridge between the bases (`inference/postprocess/retarget.py`), on "
        "fifths of "
        "the clip left out of the fit: r weighted by variance, r of the best coefficient, share of "
        "the "
        "variance explained. The jaw and the closing of the lips do not depend on it.\n\n"
        + table(["direction", "r", "best r", "explained"], rows)
        + "\nThe paper's metrics of the clip through the bridge, in the paper's scaling, truth "
        "relative to its rest; the bridge has seen the clip, so that `exp` flatters. One clip of "
        "30 s: not comparable with the paper's averages over its test set. P-FD and rPCC need the "
        "partner's true motion, which the clip lacks.\n\n" + table(["metric", *parts], values_of)
    )


def _diversity(diversity: Numbers) -> str:
    rows = [[name, r.text()] for name, r in diversity.items()]
    return (
        "## Seeds\n\nCorrelation between five seeds: articulation should agree (near 1), "
        "listening should not.\n\n" + table(["curve", "correlation"], rows)
    )


def _people(numbers: Numbers) -> list[tuple[str, Numbers]]:
    groups = (("clip", numbers["conversation"]), ("readers", numbers["readers"]))
    return [(f"{group}, {i + 1}", p) for group, both in groups for i, p in enumerate(both)]


def plot_jaw(curves: dict[str, np.ndarray], path: Path) -> None:
    """Draw the predicted and the tracked jaw of the real clip, while speaking."""
    figure, axes = plt.subplots(figsize=(10, 2.8), constrained_layout=True)
    time = np.arange(len(curves["truth"])) / NETWORK_FPS
    for name, label in (("truth", "tracked"), ("ours", "DualTalk")):
        curve = curves[name] - np.median(curves[name])
        axes.plot(time, np.degrees(curve), label=label, linewidth=1)
    axes.fill_between(
        time, *axes.get_ylim(), where=curves["active"], alpha=0.12, color="grey", label="speaks"
    )
    axes.set(xlabel="s", ylabel="jaw, degrees from median", xlim=(0, time[-1]))
    axes.legend(loc="upper right")
    figure.savefig(path, dpi=80)
    plt.close(figure)


def plot_lips(utterance: Utterance, motion: Motion, path: Path) -> None:
    """Draw the lips' aperture over 4 s of reading, with the phones and the closures."""
    figure, axes = plt.subplots(figsize=(10, 2.8), constrained_layout=True)
    n = min(100, motion.n_frames)
    shapes, jaw = visemes.mouth(visemes.at_motion_rate(visemes.articulators(utterance), n))
    time = np.arange(n) / NETWORK_FPS
    axes.plot(time, visemes.lip_aperture(shapes, jaw), label="labels", linewidth=1)
    ours = visemes.lip_aperture(motion.expression[:n], motion.jaw[:n])
    axes.plot(time, ours, label="DualTalk", linewidth=1)
    for phone, start, end in zip(utterance.phones, utterance.starts, utterance.ends, strict=True):
        if end / 16_000 > time[-1]:
            break
        name = PHONES[phone]
        if name in BILABIALS:
            axes.axvspan(start / 16_000, end / 16_000, alpha=0.2, color="red", linewidth=0)
        axes.text((start + end) / 32_000, -0.06, name.lower(), ha="center", fontsize=6)
    axes.axhline(measure.CLOSED_SHARE * measure.ORDINARY_APERTURE, color="grey", linewidth=0.5)
    axes.set(xlabel="s", ylabel="lip aperture", xlim=(0, time[-1]))
    axes.legend(loc="upper right")
    figure.savefig(path, dpi=80)
    plt.close(figure)
