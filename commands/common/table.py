"""All commands, in the order of `dualtalk --help`."""

from types import ModuleType

from .. import (
    animate,
    batch,
    bench,
    convert,
    evaluate,
    export,
    farm,
    info,
    predict,
    retake,
    stage,
    turns,
)

COMMANDS: tuple[ModuleType, ...] = (
    predict,
    animate,
    stage,
    retake,
    export,
    turns,
    batch,
    farm,
    evaluate,
    convert,
    bench,
    info,
)
