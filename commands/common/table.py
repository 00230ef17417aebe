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
    words,
)

COMMANDS: tuple[ModuleType, ...] = (
    predict,
    animate,
    stage,
    retake,
    export,
    turns,
    words,
    batch,
    farm,
    evaluate,
    convert,
    bench,
    info,
)
