"""Why a clip is taken or refused: each reason names its stage and what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..core.errors import DualTalkError

#: Every reason there is, and what it means for who reads a report.
REASONS: dict[str, str] = {
    "unreadable": "the file is no video that can be read",
    "no_picture": "the file holds sound alone",
    "no_sound": "the clip has no sound, so that nobody can be heard to speak",
    "too_short": "the shot is too short",
    "no_face": "nobody is seen",
    "one_face": "one person alone is seen",
    "many_faces": "more than two people are seen",
    "split_screen": "the picture is a split screen: the two are not in one space",
    "dub_card": "the picture stands still, as a title card does",
    "lost_face": "somebody is out of sight for too long",
    "small_face": "a face is too small",
    "blurred": "a face is blurred for too long",
    "covered_mouth": "a mouth is covered for too long",
    "extreme_turn": "a face is turned away for too long",
    "nobody_speaks": "no speech was heard",
    "unexpected": "the pipeline failed on it",
}


class RefusedError(DualTalkError):
    """A clip is not taken; the verdict says why."""

    def __init__(self, *reasons: "Reason") -> None:
        super().__init__("; ".join(reason.text for reason in reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Reason:
    """One reason to refuse a clip."""

    stage: str  #: the stage that found it
    code: str  #: a key of `REASONS`
    measured: Mapping[str, float | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in REASONS:
            raise ValueError(f"There is no reason {self.code!r}.")

    @property
    def text(self) -> str:
        """The reason in words, with what was measured."""
        numbers = ", ".join(f"{name} {value}" for name, value in self.measured.items())
        return f"{self.stage}: {REASONS[self.code]}" + (f" ({numbers})" if numbers else "")


@dataclass(frozen=True)
class Verdict:
    """What the pipeline says of a clip."""

    source: str  #: the video's path, relative to the folder that was given
    clip_id: str  #: names the clip's files; of the source's name and the first frame
    start_s: float
    end_s: float
    reasons: tuple[Reason, ...] = ()  #: none: it is taken

    @property
    def is_accepted(self) -> bool:
        """Whether the clip is taken."""
        return not self.reasons

    def as_json(self) -> dict[str, object]:
        """Return what is written to `verdicts.jsonl`."""
        return {
            "source": self.source,
            "clip_id": self.clip_id,
            "start_s": round(self.start_s, 3),
            "end_s": round(self.end_s, 3),
            "accepted": self.is_accepted,
            "reasons": [
                {"stage": r.stage, "code": r.code, "text": r.text, "measured": dict(r.measured)}
                for r in self.reasons
            ],
        }
