"""What a command gives back: the same for people and for pipelines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """The result of a command."""

    facts: Mapping[str, object]  #: what `--json` prints
    lines: Sequence[str] = field(default=())  #: what is printed else
    exit_code: int = 0
