"""How a batch went: a table for people, JSON for pipelines, the most doubtful lines first."""

from collections.abc import Sequence
from typing import Any

from . import manifest
from .pool import Outcome

#: Lines that are named below the table.
_LINES_SHOWN = 12


def facts(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the report as JSON holds it; shots keep the order of their file."""
    rows = [_row(outcome) for outcome in outcomes]
    doubtful = sorted(
        ({"shot": row["shot"], **line} for row in rows for line in row["doubtful_lines"]),
        key=lambda line: -float(line.get("doubt", 0.0)),
    )
    ranks = sorted({row["doubt"] for row in rows if row["doubt"] > 0}, reverse=True)
    for row in rows:
        row["rank"] = ranks.index(row["doubt"]) + 1 if row["doubt"] > 0 else None
    counts = {state: sum(row["state"] == state for row in rows) for state in _STATES}
    return {"counts": counts, "shots": rows, "look_at_first": doubtful}


_STATES = ("made", "current", "failed")


def table(report: dict[str, Any]) -> list[str]:
    """Return the report as lines of text."""
    width = max([4, *(len(row["shot"]) for row in report["shots"])])
    lines = [
        f"{'shot':<{width}}  {'state':<8}{'length':>8}{'took':>8}{'doubt':>7}{'rank':>5}  note"
    ]
    for row in report["shots"]:
        length = f"{row['duration_s']:.1f} s" if row["duration_s"] else "-"
        took = f"{row['took_s']:.1f} s" if row["state"] != "current" else "-"
        doubt = "-" if row["state"] == "failed" else f"{row['doubt']:.2f}"
        note = row["error"] or (row["doubtful_lines"][0]["why"] if row["doubtful_lines"] else "")
        lines.append(
            f"{row['shot']:<{width}}  {row['state']:<8}{length:>8}{took:>8}{doubt:>7}"
            f"{row['rank'] or '-':>5}  {note}".rstrip()
        )
    if report["look_at_first"]:
        lines.append("Look at these lines first:")
        for line in report["look_at_first"][:_LINES_SHOWN]:
            lines.append(
                f"  {line['shot']} {line['speaker']} {line['start_s']:.1f}-{line['end_s']:.1f} s: "
                f"{line['why']}"
            )
    counts = ", ".join(f"{count} {state}" for state, count in report["counts"].items() if count)
    lines.append(counts or "nothing to do")
    return lines


def _row(outcome: Outcome) -> dict[str, Any]:
    measures = _measures(outcome)
    return {
        "shot": outcome.shot.name,
        "state": outcome.state,
        "error": outcome.error,
        "took_s": round(outcome.took_s, 2),
        "steps_s": {k: round(v, 3) for k, v in outcome.facts.get("took_s", {}).items()},
        "duration_s": measures.get("duration_s", 0.0),
        "doubt": measures.get("doubt", 0.0),
        "doubtful_lines": measures.get("doubtful_lines", []),
        "notes": measures.get("notes", []),
        "outputs": [str(path) for each in outcome.shot.outputs.files().values() for path in each],
    }


def _measures(outcome: Outcome) -> dict[str, Any]:
    """Return what is known of a shot's quality, which stands in the manifests of its outputs."""
    if outcome.state == "failed":
        return {}
    for files in outcome.shot.outputs.files().values():
        for path in files:
            found = manifest.read(path)
            if found is not None:
                measures: dict[str, Any] = found.get("measures", {})
                return measures
    return {}
