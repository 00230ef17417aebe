"""The tables of docs/mixed.md, written from the numbers of `training.mixed.evaluate`."""

from pathlib import Path
from typing import Any

from dualtalk.training.markdown import replace_measured, table

Numbers = dict[str, Any]

#: Lips on a mixed recording must reach this share of what two tracks give.
LIP_SHARE = 0.85
LEAST_SPEED = 5.0
MOST_MEGABYTES = 25.0

#: Share of the time, of people.
_MUTUAL = "0.31 (Argyle & Ingham 1972) to 0.60 (faces: Rogers et al. 2018)"
_CLOSED = ("role_energy_ratio", "silence_closed_share")
_PEOPLE = (
    ("role_energy_ratio", "mouth's energy, listening over speaking", "at most 0.10"),
    ("silence_closed_share", "lips closed in silence, 0.12 s from own speech", "0.95 or more"),
    ("unspoken_closed_share", "lips closed without own speech", ""),
    ("blinks_per_minute", "blinks per minute", "15-26 (Bentivoglio et al. 1997)"),
    ("nods_per_minute_listening", "nods per minute, listening", "4-20 (Hadar et al. 1985)"),
    ("gaze_on_share_listening", "gaze at partner, listening", "0.65-0.85 (Argyle & Cook 1976)"),
    ("gaze_on_share_speaking", "gaze at partner, speaking", "0.35-0.55 (Argyle & Cook 1976)"),
    ("head_speed_speaking", "head, speaking, rad/s", "0.23-0.49 (clips/dialogue)"),
    ("head_speed_listening", "head, listening, rad/s", "0.12-0.20 (clips/dialogue)"),
    ("head_median_hz", "median of the head's spectrum, Hz", "0.3-2 (Hadar et al. 1983)"),
    ("head_deviation_deg", "head's rotation, standard deviation, degrees", "2.7 (clips/dialogue)"),
    (
        "translation_deviation_cm",
        "head's place, standard deviation, cm",
        "more than the mm of silent viewers (Witchel et al. 2013), less than 4 (ours)",
    ),
    ("translation_speed_cm_s", "head's place, mean speed, cm/s", ""),
)
#: What makes a listener valid.
_VALID = tuple(row for row in _PEOPLE if row[0].endswith("listening") or row[0] in _CLOSED)
_SCENES = (
    ("fd_face", "FD face", 3),
    ("fd_head", "FD head", 4),
    ("fd_eyes", "FD eyes", 4),
    ("lips_r", "lips r", 2),
    ("listener_energy", "listener's mouth", 3),
    ("at_partner", "at partner", 2),
    ("mutual", "mutual", 2),
    ("gaze_error_deg", "gaze off, degrees", 1),
    ("smile_answered", "smile answered", 2),
    ("lean_answered", "lean answered", 2),
)
_NAMES = {
    "truth": "truth",
    "bundled": "**bundled**",
    "finished": "bundled, finished",
    "short": "whole network, short run",
    "no-roles": "no role embedding (mask stays)",
    "no-roles-no-mask": "no role embedding, no mask",
    "no-cross-attention": "no cross-attention",
    "no-gaze-loss": "no gaze losses",
}


def write(numbers: Numbers, path: Path) -> None:
    """Replace what lies between the marks of docs/mixed.md."""
    sections = [_lips(numbers), _conversations(numbers), _seeds(numbers["seeds"])]
    sections += [_ablations(numbers), _cost(numbers)]
    replace_measured(path, "\n".join(sections))


def verdict(met: bool) -> str:
    """Say whether a target is met."""
    return "met" if met else "**missed**"


def _lips(numbers: Numbers) -> str:
    lips = numbers["lips"]
    two = lips["two tracks"]
    rows = [[name, f"{r:.2f}", f"{r / two:.0%}"] for name, r in lips.items()]
    found = lips["mixed, found turns, 8 steps"]
    return (
        "### Lips\n"
        "Jaw of speaker 1 in `clips/dialogue` mixed to mono, over the frames in which that speaker "
        "speaks; r at the best lag within 4 frames, as in [quality.md](quality.md).\n\n"
        + table(["network and turns", "r", "of two tracks"], rows)
        + f"\nTarget 85 % with turns found in the sound: {verdict(found >= LIP_SHARE * two)}.\n"
    )


#: The readers are another person each turn, which no system of two voices can find.
_COLUMNS = (
    ("clip", "found turns"),
    ("clip", "exact turns"),
    ("clip", "two tracks"),
    ("readers", "exact turns"),
    ("readers", "two tracks"),
)


def _conversations(numbers: Numbers) -> str:
    columns = [
        (f"{place}, {who + 1}, {turns}", numbers[place][turns]["people"][who])
        for place, turns in _COLUMNS
        for who in (0, 1)
    ]
    rows = []
    for key, label, people in _PEOPLE:
        cells = [f"{c[key]:.2f}" if key in c else "" for _, c in columns]
        rows.append([label, *cells, people])
    shares = [
        f"{place}, {turns}: {numbers[place][turns]['mutual']:.2f} (turns right in "
        f"{numbers[place][turns]['frames_right']:.0%} of frames)"
        for place in ("clip", "readers")
        for turns in ("exact turns", "found turns")
    ]
    return (
        "### People\n"
        "The real clip, and held-out readers in turn (twelve people, so that turns found for two "
        "are wrong there), each mixed to one track. A look is at the partner within 5 degrees of "
        "the eyes; of two tracks the eyes' own zero counts.\n\n"
        + table(["what", *(name for name, _ in columns), "people"], rows)
        + "\nBoth look at each other, share of the time (people "
        + _MUTUAL
        + "): "
        + "; ".join(shares)
        + ".\n"
    )


def _seeds(seeds: Numbers) -> str:
    alike = [[name, f"{r:.2f}"] for name, r in seeds["alike"].items()]
    rows = []
    for key, label, people in (*_VALID, ("mutual", "both look at each other", _MUTUAL)):
        values = [numbers[key] for numbers in seeds["valid"]]
        rows.append([label, *(f"{value:.2f}" for value in values), people])
    numbered = [f"seed {n}" for n in range(len(seeds["valid"]))]
    return (
        "### Seeds\nMean correlation between every two of four seeds of the held-out readers, the "
        "first person: lips should agree, listening should not; each seed must be as valid."
        "\n\n"
        + table(["curve", "correlation"], alike)
        + "\n"
        + table(["what", *numbered, "people"], rows)
    )


def _ablations(numbers: Numbers) -> str:
    rows = [
        [_NAMES[name], *(f"{values[key]:.{digits}f}" for key, _, digits in _SCENES)]
        for name, values in numbers["scenes"].items()
    ]
    rows += [
        [f"bundled, guidance {g}", *(f"{values[key]:.{digits}f}" for key, _, digits in _SCENES)]
        for g, values in numbers["guidance"].items()
    ]
    return (
        "### What each part is worth\n"
        "40 made-up dialogues of 20 s of held-out real voices, exact turns, sampled raw in 8 "
        "steps; FD: Frechet distance to their truth, frame by frame, lower is better. Short runs "
        "see the same few batches; compare them with each other.\n\n"
        + table(["network", *(label for _, label, _ in _SCENES)], rows)
    )


def _cost(numbers: Numbers) -> str:
    rows = [
        [f"{steps} steps", f"{v['times_real_time']:.0f}", f"{v['times_real_time_cpu']:.0f}"]
        for steps, v in numbers["steps"].items()
    ]
    short, long = numbers["footprint"]["30"], numbers["footprint"]["600"]
    fast = numbers["steps"]["8"]["times_real_time"] >= LEAST_SPEED
    small = numbers["megabytes"] <= MOST_MEGABYTES
    return (
        "### Cost\n"
        + table(["both heads", "times real time", "by processor time"], rows)
        + f"\nOne thread, 60 s of sound. Target 5 at 8 steps: {verdict(fast)}. "
        f"The file has {numbers['megabytes']:.1f} MB (at most 25: {verdict(small)}), the U-Net "
        f"{numbers['parameters'] / 1e6:.1f} million parameters. Peak memory of the process: "
        f"{short['peak_mb']:.0f} MB for 30 s, {long['peak_mb']:.0f} MB for 600 s, of which "
        f"{long['sound_mb']:.0f} MB are the sound itself ({short['loaded_mb']:.0f} MB before "
        "sampling).\n"
    )
