"""Make many shots in parallel; a second run makes only what is missing or changed."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from .common import options as common
from .common.answer import Answer

if TYPE_CHECKING:
    from ..batch.shot import Shot

NAME, HELP = "batch", "make many shots from a TOML file, as far as they are not made"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("shots", type=common.path, metavar="SHOTS.toml")
    parser.add_argument(
        "--jobs",
        type=common.count,
        metavar="N",
        help="shots at once (default: as many as cores and memory allow)",
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these shots alone")
    parser.add_argument(
        "--step",
        choices=("analyse", "animate", "preview"),
        help="this step alone, in this process: what a farm's task does",
    )
    parser.add_argument(
        "--work",
        type=common.path,
        metavar="DIR",
        help="where analyses of sounds are kept (default: .dualtalk/ beside SHOTS.toml)",
    )
    parser.add_argument(
        "--report", type=common.path, metavar="OUT.json", help="also write it there"
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would be made")


def run(options: Namespace) -> Answer:
    """Make what is missing or changed, and report on all."""
    from ..batch import making, shot_file
    from ..core.errors import DualTalkError, InputError

    shots = shot_file.read(options.shots)
    if options.only:
        missing = sorted(set(options.only) - {shot.name for shot in shots})
        if missing:
            raise InputError(f"{options.shots.name} has no shot {missing[0]!r:.80}.")
        shots = tuple(shot for shot in shots if shot.name in options.only)
    work = options.work or options.shots.parent / ".dualtalk" / options.shots.stem
    making.make_folder(work / "report.json")
    if options.dry_run:
        return _plan(shots)
    if options.step:
        return _step(shots, work, options.step)
    try:
        return _make(shots, work, options)
    except OSError as error:
        raise DualTalkError(f"{error.filename or work}: {error.strerror or error}.") from error


def _plan(shots: tuple["Shot", ...]) -> Answer:
    from ..batch.making import todo
    from ..core.errors import DualTalkError

    plan: dict[str, str] = {}
    for shot in shots:
        try:
            plan[shot.name] = ", ".join(todo(shot)) or "current"
        except DualTalkError as error:
            plan[shot.name] = f"cannot be made: {error}"
    return Answer({"plan": plan}, [f"{name}: {steps}" for name, steps in plan.items()])


def _step(shots: tuple["Shot", ...], work: Path, step: str) -> Answer:
    """Do a step of each shot here."""
    from ..batch import making
    from ..console import complain
    from ..console import step as show

    for shot in shots:
        made = making.make(shot, work, (step,), show)
        for note in made.notes:
            complain(note)
    names = [shot.name for shot in shots]
    return Answer({"steps": [step], "shots": names}, [f"{name}: {step} done" for name in names])


def _make(shots: tuple["Shot", ...], work: Path, options: Namespace) -> Answer:
    import json

    from ..batch import elsewhere, making, pool, report
    from ..batch.pool import Outcome
    from ..console import complain, step
    from ..core.errors import DualTalkError
    from ..core.files import atomic

    outcomes: dict[str, Outcome] = {}
    tasks = []
    for shot in shots:
        try:
            making.check(shot)
            late = making.todo(shot)
        except DualTalkError as error:
            outcomes[shot.name] = Outcome(shot, "failed", str(error))
            complain(f"{shot.name}: {error}")
            continue
        if late:
            tasks.append((shot, late))
        else:
            outcomes[shot.name] = Outcome(shot, "current")
    is_alone = elsewhere.is_needed()  # inside Blender
    n_workers = 0
    if tasks:
        n_workers = 1 if is_alone else pool.worker_count([shot for shot, _ in tasks], options.jobs)
    with step(f"Making {len(tasks)} shots") as show:

        def done(outcome: Outcome) -> None:
            outcomes[outcome.shot.name] = outcome
            show(sum(shot.name in outcomes for shot, _ in tasks) / len(tasks), outcome.shot.name)
            if outcome.error:
                complain(f"{outcome.shot.name}: {outcome.error}")

        if is_alone:
            pool.make_here(work, tasks, done)
        elif tasks:
            pool.make_all(work, tasks, n_workers, done)
    facts = report.facts([outcomes[shot.name] for shot in shots])
    facts["workers"] = n_workers
    for path in {work / "report.json", options.report or work / "report.json"}:
        making.make_folder(path)
        with atomic(path) as temporary:
            temporary.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    return Answer(facts, report.table(facts), exit_code=1 if facts["counts"]["failed"] else 0)
