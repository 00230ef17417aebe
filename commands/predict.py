"""Write the motion of both heads, or of the first alone when the partner's is given."""

from argparse import ArgumentParser, Namespace

from .common import options as common
from .common.answer import Answer

NAME, HELP = "predict", "write the motion of both heads as .npz files"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's options."""
    common.add_dialogue(parser)
    common.add_network(parser)
    parser.add_argument(
        "--staging",
        choices=common.PRESET_NAMES,
        default="interview",
        help="of a mixed recording: where the two are (default: interview)",
    )
    parser.add_argument(
        "--output",
        type=common.path,
        required=True,
        metavar="DIR/NAME",
        help="writes DIR/NAME_speaker1.npz and DIR/NAME_speaker2.npz",
    )
    parser.add_argument(
        "--partner-motion",
        type=common.path,
        metavar="B.npz",
        help="motion of the second speaker (.npz, or .csv of Live Link Face): only the first is "
        "predicted, reacting to it",
    )
    parser.add_argument(
        "--raw",
        action="store_true",
        help="the network's numbers untouched: not smoothed or limited",
    )


def run(options: Namespace) -> Answer:
    """Predict, and write the files."""
    from ..batch.shot import Outputs
    from ..core.errors import InputError
    from .common.single_shot import facts_of, make_once, shot_of

    if options.output.name in ("", ".", ".."):
        raise InputError(f"{options.output} is a folder: give a name in it, such as DIR/talk.")
    if options.partner_motion is not None:
        return _reaction(options)
    shot = shot_of(
        options, Outputs(motion=options.output), staging=options.staging, raw=options.raw
    )
    made = make_once(shot)
    return Answer(facts_of(made), [str(path) for path in made.outputs])


def _reaction(options: Namespace) -> Answer:
    """Predict the first speaker, who reacts to the second's given motion."""
    from ..batch.making import make_folder
    from ..console import complain, step
    from ..core.errors import InputError
    from ..core.files import check_target
    from ..core.formats import captured
    from ..core.names import SPEAKERS
    from ..inference import checkpoints
    from ..inference.sound_checks import read_checked
    from ..inference.two_track.predict import PredictOptions, predict_reaction

    if options.mixed is not None:
        raise InputError("--partner-motion needs separate sounds: leave it or --mixed out.")
    if options.sound_a is None:
        raise InputError("Give the speakers' sounds: A.wav B.wav, or one stereo file.")
    target = options.output.with_name(f"{options.output.name}_{SPEAKERS[0]}.npz")
    make_folder(target)
    given = (options.sound_a, options.sound_b, options.partner_motion, options.checkpoint)
    check_target(target, [path for path in given if path is not None])
    partner = captured.read(options.partner_motion)
    dialogue = read_checked(options.sound_a, options.sound_b)
    for note in dialogue.notes:
        complain(note)
    checkpoint = checkpoints.load(options.checkpoint or checkpoints.bundled_path())
    chosen = PredictOptions(
        options.window, options.seed, options.device, options.precision, options.raw
    )
    with step("Predicting motion") as report:
        motion = predict_reaction(
            dialogue.shortened(options.duration), checkpoint, chosen, partner, report
        )
    motion.save(target)
    return Answer({"outputs": [str(target)], "notes": list(dialogue.notes)}, [str(target)])
