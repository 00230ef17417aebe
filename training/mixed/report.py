"""The tables of docs/mixed.md, written from the numbers of `training.mixed.evaluate`."""

from pathlib import Path
from typing import Any

from dualtalk.evaluation.intervals import Interval
from dualtalk.training.markdown import replace_measured, table
from dualtalk.training.two_track.evaluation import people
from dualtalk.training.two_track.evaluation.people import Range

Numbers = dict[str, Any]

#: Lips on a mixed recording must reach this share of what two tracks give.
LIP_SHARE = 0.85
LEAST_SPEED = 5.0
MOST_MEGABYTES = 25.0

#: Share of the time, of people.
_MUTUAL = "Argyle & Ingham 1972; faces: Rogers et al. 2018"
_PLACE = (
    Range(
        "head_deviation_deg",
        "head's rotation, standard deviation, degrees",
        source="2.7 in clips/dialogue",
    ),
    Range(
        "translation_deviation_cm",
        "head's place, standard deviation, cm",
        0.3,
        4,
        "silent viewers move by mm, Witchel et al. 2013; 4 is ours",
    ),
    Range("translation_speed_cm_s", "head's place, mean speed, cm/s"),
)
_PEOPLE = (*people.MOUTH, *people.FACE, *_PLACE)
#: What makes a listener valid.
_VALID = tuple(one for one in _PEOPLE if one.key.endswith("listening") or one in people.MOUTH[:2])
_BOTH_LOOK = Range("mutual", "both look at each other", 0.31, 0.60, _MUTUAL)
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


def _cell(value: Any, digits: int = 2, factor: float = 1.0) -> str:
    """Return a number as a table shows it, with its interval if it was measured with one."""
    if isinstance(value, dict):
        return Interval(**value).text(digits, factor)
    return f"{factor * value:.{digits}f}"


def _lips(numbers: Numbers) -> str:
    lips = numbers["lips"]
    rows = [
        [name, _cell(values["r"]), _cell(values["share"], 0, 100)] for name, values in lips.items()
    ]
    found = Interval(**lips["mixed, found turns, 8 steps"]["share"])
    return (
        "### Lips\n"
        "Jaw of speaker 1 in `clips/dialogue` mixed to mono, over the frames in which that speaker "
        "speaks; r at the best lag within 4 frames, and its share of that of two tracks, with "
        "intervals as in [quality.md](quality.md). Thirty seconds of one person cannot tell the "
        "rows apart where their intervals overlap.\n\n"
        + table(["network and turns", "r", "% of two tracks"], rows)
        + f"\nGoal, with turns found in the sound, at least {LIP_SHARE:.0%}: "
        f"{found.verdict(LIP_SHARE)}.\n"
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
    rows = [
        [one.label, *(one.cell(c.get(one.key)) for _, c in columns), one.text] for one in _PEOPLE
    ]
    shares = [
        f"{place}, {turns}: {_BOTH_LOOK.cell(values['mutual'])} (right in "
        f"{values['decisions_right']:.0%} of the decisions, one for each person and frame, and for "
        f"both people in {values['frames_right']:.0%} of the frames)"
        for place in ("clip", "readers")
        for turns, values in (
            (turns, numbers[place][turns]) for turns in ("exact turns", "found turns")
        )
    ]
    return (
        "### People\n"
        "The real clip, and held-out readers in turn (twelve people, so that turns found for two "
        "are wrong there), each mixed to one track. A look is at the partner within 5 degrees of "
        "the eyes; of two tracks the eyes' own zero counts. One seed; a column holds half a minute "
        "to two minutes of one person.\n\n"
        + table(["what", *(name for name, _ in columns), "people"], rows)
        + "\n"
        + people.missed(_PEOPLE, dict(columns))
        + "\nBoth look at each other, share of the time (people "
        + _BOTH_LOOK.text
        + "): "
        + "; ".join(shares)
        + ".\n"
    )


def _seeds(seeds: Numbers) -> str:
    alike = [[name, _cell(r)] for name, r in seeds["alike"].items()]
    each = {f"seed {n}": numbers for n, numbers in enumerate(seeds["valid"])}
    ranges = (*_VALID, _BOTH_LOOK)
    rows = [
        [one.label, *(one.cell(v.get(one.key)) for v in each.values()), one.text] for one in ranges
    ]
    return (
        "### Seeds\nMean correlation between every two of four seeds of the held-out readers, the "
        "first person: lips should agree, listening should not; each seed must be as valid."
        "\n\n"
        + table(["curve", "correlation"], alike)
        + "\n"
        + table(["what", *each, "people"], rows)
        + "\n"
        + people.missed(ranges, each)
    )


def _ablations(numbers: Numbers) -> str:
    def row(name: str, values: Numbers) -> list[str]:
        return [name, *(_cell(values[key], digits) for key, _, digits in _SCENES)]

    rows = [row(_NAMES[name], values) for name, values in numbers["scenes"].items()]
    rows += [row(f"bundled, guidance {g}", values) for g, values in numbers["guidance"].items()]
    kept = ", ".join(_NAMES[name] for name in numbers["kept"])
    note = f"\nMeasured before intervals were, and not again: {kept}.\n" if kept else ""
    return (
        "### What each part is worth\n"
        "40 made-up dialogues of 20 s of held-out real voices, exact turns, sampled raw in 8 "
        "steps; FD: Frechet distance to their truth, frame by frame, lower is better. Short runs "
        "see the same few batches; compare them with each other. Whole dialogues are drawn for the "
        "intervals.\n\n" + table(["network", *(label for _, label, _ in _SCENES)], rows) + note
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
