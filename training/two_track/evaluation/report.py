"""docs/quality.md and its pictures, from the numbers of `evaluate` beside this file."""

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from dualtalk.core.motion import NETWORK_FPS, Motion
from dualtalk.training.markdown import table
from dualtalk.training.speech import visemes
from dualtalk.training.speech.phones import BILABIALS, PHONES, Utterance
from dualtalk.training.two_track.evaluation import measure

Numbers = dict[str, Any]

_HEAD = """# How good the bundled checkpoint is

Written by `make evaluate` (`python -m training.two_track.evaluation.evaluate`); the raw
numbers are in [quality.json](quality.json). Nothing that is measured here was trained on.
A row that misses its target says so. The network of one mixed track,
and what each of its parts is worth, is measured in
[mixed.md](mixed.md#what-each-part-is-worth).
"""


def write(numbers: Numbers, curves: dict[str, Any], folder: Path) -> None:
    """Write `quality.md`, `quality-jaw.png` and `quality-lips.png` into a folder."""
    plot_jaw(curves["clip"], folder / "quality-jaw.png")
    plot_lips(*curves["reading"], folder / "quality-lips.png")
    sections = [_HEAD, _clip(numbers["clip"]), _lips(numbers), _roles(numbers)]
    sections += [_robustness(numbers["robustness"]), _listening(numbers)]
    sections += [_flame(numbers["flame"]), _diversity(numbers["diversity"])]
    (folder / "quality.md").write_text("\n".join(sections))


_CARD = """# dualtalk.safetensors

The network that comes with DualTalk: two tracks of speech in, two faces out (40 ARKit shapes, jaw,
head, eyes; 25 frames per second). {parameters:.1f} million parameters, kept in half precision and
run in float32 on any CPU.

- **Made by** `python -m training.two_track.train --config training/two_track/configs/bundled.toml`,
  seed {seed} (docs/training.md).
- **Learned from** speech of espeak-ng, flite and festival made for it, whose phones are exact, and
  10 s each of people from LibriSpeech train-clean-100 (Panayotov, Chen, Povey &
  Khudanpur 2015, SLR12 at OpenSLR, CC-BY-4.0), whose phones pocketsphinx aligned. Faces come from
  rules (dominance functions; published rates of blinks, gaze and nods), not from recorded people.
  Heard: {sources}.
- **License** GPL-3.0-or-later, as the rest of DualTalk.

| measured on what it did not learn from (docs/quality.md) | |
| --- | --- |
{rows}

It speaks English best: other languages were not trained and not measured. Expression follows rules
and chance, not what is said. Very loud music or several voices in one track open the mouth wrongly.
"""


def card(numbers: Numbers, n_parameters: int, made: dict[str, str]) -> str:
    """Return the checkpoint's card, assets/dualtalk.md.

    Args:
        numbers: of `training.two_track.evaluation.evaluate`.
        n_parameters: of the network.
        made: what the file's metadata says of how it was made.
    """
    clean, synthetic = numbers["reading"]["clean"], numbers["synthetic"]
    jaw = numbers["clip"]["jaw"]
    rows = {
        "jaw on a real conversation, r at the best lag": jaw["DualTalk, bundled"]["best"],
        "the same of the RMS envelope in dB": jaw["RMS envelope in dB"]["best"],
        "jaw on real reading, r": clean["jaw"],
        "closure of P, B, M on real reading, AUC": clean["heard_auc"],
        "the same, F1": clean["f1"],
        "P, B, M that close, real reading": clean["closed_share"],
        "P, B, M that close, unseen synthetic voices": synthetic["closed_share"],
    }
    lines = "\n".join(f"| {name} | {value:.2f} |" for name, value in rows.items())
    seed, sources = made.get("seed", "unknown"), made.get("sources", "unknown")
    return _CARD.format(parameters=n_parameters / 1e6, seed=seed, sources=sources, rows=lines)


def _against(value: float, target: float, *, at_least: bool = True) -> str:
    """Return a value beside its target, and whether it is met."""
    met = value >= target if at_least else value <= target
    sign = "at least" if at_least else "at most"
    return f"{sign} {target:g}: {'met' if met else '**missed**'}"


def _clip(clip: Numbers) -> str:
    rows = [[name, f"{v['zero']:.2f}", f"{v['best']:.2f}"] for name, v in clip["jaw"].items()]
    ours = clip["jaw"]["DualTalk, bundled"]["best"]
    return (
        "## Jaw on a real conversation\n\n"
        "Correlation of the jaw's opening with the tracked jaw of speaker 1 in `clips/dialogue` "
        "(30 s), over the frames in which that speaker speaks; best lag within 4 frames. The "
        "tracking is noisy and leads the sound by 2 to 3 frames; 0.5 is about the ceiling. The "
        "ridge regression has seen the clip; the network and the envelopes have not. One rule "
        "behind the network, that a jaw does not open wide for what is unclear "
        "(`inference/postprocess/lips.py`), was found by looking at this clip: the row without it "
        "stands beside.\n\n"
        + table(["curve", "r, zero lag", "r, best lag"], rows)
        + f"\nTarget {_against(ours, 0.45)}. Best lag {clip['best_lag_frames']} frames. "
        f"Both heads together run at {clip['times_real_time']:.0f} times real time on one "
        "processor core.\n\n![jaw](quality-jaw.png)\n"
    )


_LIPS_TEXT = """## Lips on speech of known phones

Real reading: LJSpeech, 25 s, one speaker, aligned by pocketsphinx. Held-out readers: LibriSpeech,
10 s each, words recognised and corrected (`training/speech/transcripts.py`), so that not all
that counts as wrong is. Synthetic: accents of espeak-ng that training never uses, exact times.

Jaw: r with the jaw that the labels give. AUC and F1: closed on frames of P, B, M against other
speech; *heard* is the likelihood of a closure that the network tells, a curve of its own as in
other recognisers; all else is the aperture of the lips themselves, which must not shut a little
wherever a closure is a little likely. F1 at its best threshold and at the fixed one of 10 % of an
ordinary opening. Closed: share of P, B, M at which the lips come within that. Opened: share of
open vowels that open beyond 30 %.

"""
_LIPS = ["speech", "jaw r", "AUC, heard", "AUC, lips", "F1", "F1, fixed", "closed", "opened"]


def _lips(numbers: Numbers) -> str:
    def row(name: str, lips: Numbers) -> list[str]:
        keys = ("jaw", "heard_auc", "auc", "f1", "f1_fixed", "closed_share", "open_share")
        return [name, *(f"{lips[key]:.2f}" for key in keys)]

    rows = [row(f"real reading, {name}", lips) for name, lips in numbers["reading"].items()]
    rows.append(row("held-out readers, clean", numbers["held_out"]))
    rows.append(row("unseen synthetic voices", numbers["synthetic"]))
    clean, exact, timing = numbers["reading"]["clean"], numbers["synthetic"], numbers["timing"]
    checks = [
        f"jaw r on clean reading {_against(clean['jaw'], 0.85)}",
        f"closure AUC, heard, {_against(clean['heard_auc'], 0.95)}",
        f"closure F1 {_against(clean['f1'], 0.70)}",
        f"P, B, M closed on real reading {_against(clean['closed_share'], 0.75)}",
        f"P, B, M closed on synthetic voices {_against(exact['closed_share'], 0.90)}",
        *(
            f"{name}, {timing[key]:.0f} ms, {_against(abs(timing[key]), 40, at_least=False)}"
            for name, key in (
                ("lips half open after the onset of the voice", "opening_ms"),
                ("lips parted after the burst of P, B", "release_ms"),
                ("curve of the lips against exact labels", "curve_ms"),
                ("tightest lips after the middle of P, B, M", "closure_ms"),
            )
        ),
    ]
    return (
        _LIPS_TEXT
        + table(_LIPS, rows)
        + "\n"
        + "".join(f"- {check}\n" for check in checks)
        + "\nLags are means on the synthetic voices, against the sound itself where it says so "
        f"(40 ms are a frame). Closed lips begin to part {-timing['parting_ms']:.0f} ms "
        "before the voice (people: 100 to 300 ms, Chandrasekaran et al. 2009).\n\n"
        "![lips](quality-lips.png)\n"
    )


def _roles(numbers: Numbers) -> str:
    rows = []
    for name, people in _people(numbers):
        shares = [people[f"{key}_closed_share"] for key in ("silence", "unspoken")]
        energy = f"{people['role_energy_ratio']:.3f}"
        rows.append([name, energy, *(f"{share:.2f}" for share in shares)])
    return (
        "## Who moves the mouth\n\nEnergy of the mouth while only the partner speaks over that "
        "while speaking (target at most 0.10), and share of the silent frames in which the lips "
        "are closed (target at least 0.95). Silent are frames at least "
        f"{measure.SETTLING_FRAMES / NETWORK_FPS:.2f} s away from own speech: people's lips part "
        "0.1 to 0.3 s before their voice is heard (Chandrasekaran et al. 2009). The last column "
        "counts those frames too.\n\n"
        + table(["person", "energy ratio", "closed in silence", "closed without own speech"], rows)
    )


def _robustness(conditions: Numbers) -> str:
    rows = []
    for name, clip in conditions.items():
        pairs = (*clip["role_energy_ratio"], *clip["silence_closed_share"])
        rows.append([name, f"{clip['jaw']:.2f}", *(f"{value:.2f}" for value in pairs)])
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
    kinds = [
        ("blinks per minute", "blinks_per_minute", "15-26", "Bentivoglio et al. 1997"),
        ("nods per minute, listening", "nods_per_minute_listening", "4-20", "Hadar et al. 1985"),
        (
            "gaze at partner, listening",
            "gaze_on_share_listening",
            "0.65-0.85",
            "Argyle & Cook 1976",
        ),
        ("gaze at partner, speaking", "gaze_on_share_speaking", "0.35-0.55", "Argyle & Cook 1976"),
        ("head, speaking, rad/s", "head_speed_speaking", "0.23-0.49", "clips/dialogue"),
        ("head, listening, rad/s", "head_speed_listening", "0.12-0.20", "clips/dialogue"),
        ("median of the head's spectrum, Hz", "head_median_hz", "0.3-2", "Hadar et al. 1983"),
    ]
    people, real = _people(numbers), numbers["tracked"]
    rows = []
    for label, key, human, source in kinds:
        seen = f"{real[key]:.2f}" if key in real else ""
        ours = [f"{person[key]:.2f}" for _, person in people]
        rows.append([label, *ours, seen, human, source])
    names = [name for name, _ in people]
    return (
        "## Face and head beyond the mouth\n\nTwo conversations: the real clip, and readers that "
        "training does not use, 10 s each in turn. The ranges of people are approximate: studies "
        "count differently; each number is the mean of five seeds. Clip 1 listens for "
        f"{real['listening_s']:.0f} s, so that one nod more is {60 / real['listening_s']:.1f} per "
        "minute; *real, 1* is what the same count finds in that person's tracked head.\n\n"
        + table(["what", *names, "real, 1", "people", "source"], rows)
    )


def _flame(flame: Numbers) -> str:
    names = {"to_flame": "ARKit to FLAME", "to_arkit": "FLAME to ARKit"}
    rows = [
        [
            label,
            f"{flame[key]['mean_r']:.2f}",
            f"{flame[key]['best_r']:.2f}",
            f"{flame[key]['explained']:.2f}",
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
    rows = [[name.replace("_", ", "), f"{value:.2f}"] for name, value in diversity.items()]
    return (
        "## Seeds\n\nCorrelation between five seeds: articulation should agree (near 1), "
        "listening should not.\n\n" + table(["curve", "correlation"], rows)
    )


def _people(numbers: Numbers) -> list[tuple[str, Numbers]]:
    groups = (("clip", numbers["conversation"]), ("readers", numbers["readers"]))
    return [(f"{group}, {i + 1}", p) for group, people in groups for i, p in enumerate(people)]


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
