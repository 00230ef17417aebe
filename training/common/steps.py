"""The loop over the steps of a stage: take, tell, save."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, SupportsFloat

#: Takes the step of this number and returns what is told of it; what lies on a device is read only
#: when it is told.
Take = Callable[[int], Mapping[str, SupportsFloat]]


class Place(Protocol):
    """Where a run is; `step` counts the steps of the stage that are done."""

    stage: int
    step: int


@dataclass(frozen=True)
class Every:
    """After how many steps something happens."""

    saved: int
    told: int


def run_stage(
    at: Place,
    n_steps: int,
    take: Take,
    every: Every,
    save: Callable[[], None] | None = None,
    label: str = "",
) -> None:
    """Take the steps of a stage that are not done yet; the stage's end is the caller's to save.

    Args:
        at: where the run is; its step is counted up.
        n_steps: of the whole stage.
        take: one step.
        every: when to save and to print.
        save: keeps the run, on the way; None for a run that is not kept.
        label: before what is printed; nothing is printed without one.
    """
    began, first = time.monotonic(), at.step
    for step in range(first, n_steps):
        numbers = take(step)
        at.step = step + 1
        if label and at.step % every.told == 0:
            pace = (time.monotonic() - began) / (at.step - first)
            text = " ".join(f"{name} {float(value):.3f}" for name, value in numbers.items())
            print(f"{label} {at.step}/{n_steps} {pace:.2f} s/step {text}", flush=True)
        if save is not None and at.step % every.saved == 0 and at.step < n_steps:
            save()


def next_stage(at: Place) -> None:
    """Go to the beginning of the next stage."""
    at.stage, at.step = at.stage + 1, 0
