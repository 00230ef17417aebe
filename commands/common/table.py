"""All commands, in the order of `dualtalk --help`."""

from types import ModuleType

from .. import animate, batch, bench, convert, evaluate, export, farm, info, predict, stage, turns

COMMANDS: tuple[ModuleType, ...] = (
    predict,
    animate,
    stage,
    export,
    turns,
    batch,
    farm,
    evaluate,
    convert,
    bench,
    info,
)
