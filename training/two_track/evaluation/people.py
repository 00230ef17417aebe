"""What people do, by which a made-up performance is judged: one table for every network."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """What a number of `measure.behaviour_of` is of people."""

    key: str
    label: str
    low: float = float("-inf")
    high: float = float("inf")
    source: str = ""
    digits: int = 2

    @property
    def text(self) -> str:
        """The range as a table shows it."""
        if self.low == float("-inf"):
            return (
                self.source if self.high == float("inf") else f"at most {self.high:g}{self._cited}"
            )
        if self.high == float("inf"):
            return f"{self.low:g} or more{self._cited}"
        return f"{self.low:g}-{self.high:g}{self._cited}"

    @property
    def _cited(self) -> str:
        return f" ({self.source})" if self.source else ""

    def cell(self, value: float | None) -> str:
        """Return a value as a table shows it: bold where it misses the range."""
        if value is None:
            return ""
        shown = f"{value:.{self.digits}f}"
        return shown if self.low <= value <= self.high else f"**{shown}**"


MOUTH = (
    Range("role_energy_ratio", "mouth's energy, listening over speaking", high=0.10, digits=3),
    Range("silence_closed_share", "lips closed in silence, 0.12 s from own speech", low=0.95),
    Range("unspoken_closed_share", "lips closed without own speech"),
)
FACE = (
    Range("blinks_per_minute", "blinks per minute", 15, 26, "Bentivoglio et al. 1997", 1),
    Range("nods_per_minute_listening", "nods per minute, listening", 4, 20, "Hadar et al. 1985", 1),
    Range(
        "gaze_on_share_listening", "gaze at partner, listening", 0.65, 0.85, "Argyle & Cook 1976"
    ),
    Range("gaze_on_share_speaking", "gaze at partner, speaking", 0.35, 0.55, "Argyle & Cook 1976"),
    Range("head_speed_speaking", "head, speaking, rad/s", 0.23, 0.49, "two tracked dialogues"),
    Range("head_speed_listening", "head, listening, rad/s", 0.12, 0.20, "two tracked dialogues"),
    Range("head_median_hz", "median of the head's spectrum, Hz", 0.3, 2, "Hadar et al. 1983"),
)


def missed(ranges: tuple[Range, ...], people: dict[str, dict[str, float]]) -> str:
    """Say which numbers of whom are outside the ranges, in a sentence."""
    said = []
    for one in ranges:
        outside = [
            f"{name} {one.cell(values[one.key]).strip('*')}"
            for name, values in people.items()
            if one.key in values and not one.low <= values[one.key] <= one.high
        ]
        if outside:
            said.append(f"{one.label} ({one.text}): {', '.join(outside)}")
    if not said:
        return "All lie in the ranges.\n"
    return "**Missed**, in bold above: " + "; ".join(said) + ".\n"
