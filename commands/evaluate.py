"""Measure a prediction as the paper does, in its scaling and raw."""

from argparse import ArgumentParser, Namespace

from .common import options as common
from .common.answer import Answer

NAME, HELP = "evaluate", "measure a prediction as the paper does"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("predicted", type=common.path, metavar="PRED.npz")
    parser.add_argument("truth", type=common.path, metavar="TRUTH.npz")
    parser.add_argument(
        "--partner", type=common.path, metavar="PARTNER.npz", help="adds P-FD and rPCC"
    )


def run(options: Namespace) -> Answer:
    """Compare the two."""
    from ..core.motion import Motion
    from ..evaluation.metrics import evaluate

    partner = None if options.partner is None else Motion.load(options.partner)
    scores = evaluate(Motion.load(options.predicted), Motion.load(options.truth), partner)
    lines = [f"{'measure':<18}{'paper scale':>14}{'raw':>14}"]
    lines += [f"{s.metric + ' ' + s.part:<18}{s.scaled:>14.4f}{s.raw:>14.6g}" for s in scores]
    return Answer(
        {f"{s.metric}_{s.part}": {"raw": s.raw, "scaled": s.scaled} for s in scores}, lines
    )
