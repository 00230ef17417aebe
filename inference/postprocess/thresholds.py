"""What is chosen by hand behind the network of two tracks.

Chosen by `python -m training.two_track.choose` on people who are neither trained on nor reported
(`training/held_out.py`); another checkpoint may want others.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """Below and above which probability a rule acts."""

    #: Probability of p, b or m: below the first the lips are unchanged; above the second they
    #: close.
    closure_low: float = 0.2
    closure_high: float = 0.6
    #: Where the certainty of the phones is below this, jaw opening beyond the ordinary is scaled
    #: down in proportion.
    certain: float = 0.75
    #: Probability of silence at which the mouth comes to rest.
    silent: float = 0.5
    #: A regression shortens looks away: the eyes' rotation is scaled by this factor.
    eye_gain: float = 1.3


CHOSEN = Thresholds()
