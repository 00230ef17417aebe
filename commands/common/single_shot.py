"""What `predict` and `animate` share: the shot that their options describe, and making it."""

import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any

from ...batch.making import Made, make
from ...batch.pool import blender_count
from ...batch.shot import Outputs, Shot
from ...console import complain, step
from ...core.errors import InputError
from ...core.jobs.worker_process import FOLDER, clear_left_folders
from ...core.stopping import cleared_on_stop, held


def shot_of(options: Namespace, outputs: Outputs, **more: Any) -> Shot:
    """Return the shot that a command's options describe.

    Raises:
        InputError: neither one mixed recording nor separate sounds were given, or both.
    """
    if (options.mixed is None) == (options.sound_a is None):
        raise InputError(
            "Give either the speakers' sounds (A.wav B.wav, or one stereo file), or --mixed M.wav."
        )
    given = [name for name in ("turns", "voice_a", "swap_voices") if getattr(options, name)]
    if options.mixed is None and given:
        raise InputError(f"--{given[0].replace('_', '-')} goes with --mixed M.wav: add that.")
    return Shot(
        name="shot",
        sounds=tuple(path for path in (options.sound_a, options.sound_b) if path is not None),
        face_a=options.face_a,
        face_b=options.face_b,
        mixed=options.mixed,
        turns=options.turns,
        voice_a=options.voice_a,
        swap_voices=options.swap_voices,
        duration=options.duration,
        checkpoint=options.checkpoint,
        device=options.device,
        precision=options.precision,
        window=options.window,
        seed=options.seed,
        outputs=outputs,
        **more,
    )


def make_once(shot: Shot) -> Made:
    """Make a shot anew, whatever is there, and keep nothing but its outputs."""
    import shutil

    clear_left_folders()  # of runs that were killed
    with held():
        work = Path(tempfile.mkdtemp(prefix=FOLDER))
        clearing = cleared_on_stop(lambda: shutil.rmtree(work, ignore_errors=True))
        clearing.__enter__()
    try:
        made = make(shot, work, show=step, is_current=lambda *_: False, n_blenders=blender_count())
    finally:
        shutil.rmtree(work, ignore_errors=True)
        clearing.__exit__(None, None, None)
    for note in made.notes:
        complain(note)
    return made


def facts_of(made: Made) -> dict[str, object]:
    """Return what `--json` prints of a shot."""
    return {
        "outputs": [str(path) for path in made.outputs],
        "notes": list(made.notes),
        "duration_s": made.duration_s,
        "doubtful_lines": [
            {"speaker": line.speaker, "start_s": line.start_s, "end_s": line.end_s, "why": line.why}
            for line in made.lines
            if line.why
        ],
        "took_s": {name: round(seconds, 3) for name, seconds in made.took_s.items()},
    }
