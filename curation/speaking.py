"""Who speaks: the turns of the sound against the mouths that were tracked.

The voices are told apart by the turn-taking network. Which of the two faces a voice is of: the
bundled two-track network says how a mouth moves that speaks this sound, and the face whose lips
move so, when the voice speaks, is the speaker. It stands for a network trained on video and sound
together, which nobody may use freely.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter1d

from ..core.conversation.dialogue import Dialogue, n_frames_of
from ..core.conversation.turns import Turns
from ..core.motion import Motion
from ..core.names import ARKIT_INDEX, JAW_OPEN_RAD
from ..inference import checkpoints
from ..inference.checkpoints import Checkpoint
from ..inference.turn_taking.finding import find_turns
from ..inference.two_track.predict import PredictOptions, predict_both

Floats = NDArray[np.floating]

#: Sound and picture of a clip may be apart by so much, frames. This, and to look at what is around
#: the speech too, was chosen on 48 sentences of other clips (80 % right, by level alone 65 %).
LAGS = range(-1, 4)
#: A mouth that rests while nobody speaks says as much: so many frames around speech count.
_AROUND_FRAMES = 25
#: Shorter stretches are not judged on their own, frames.
_LEAST_FRAMES = 15
#: How the three signs are weighed; set once, before anything was measured: agreement of course and
#: of speed count alike, and a mouth that moves twice as much as the other is half a sign.
_WEIGHTS = (1.0, 1.0, 0.5)


@dataclass(frozen=True)
class Spoken:
    """Who speaks when, A being the left face."""

    turns: Turns
    margin: float  #: by how much the likelier assignment is better, in units of correlation


def expected_mouth(sound: NDArray[np.float32], checkpoint: Checkpoint | None = None) -> Floats:
    """Return how far the lips are apart that speak a mixed sound, (n_frames,), in no unit."""
    checkpoint = checkpoint or checkpoints.load(checkpoints.bundled_path())
    both = np.stack([sound, np.zeros_like(sound)])
    motion = predict_both(Dialogue(both), checkpoint, PredictOptions(raw=True))[0]
    return opening(motion)


def opening(motion: Motion) -> Floats:
    """Return how far a motion opens the lips, (n_frames,): 1 is jawOpen = 1."""
    face = motion.expression
    lips = [
        face[:, ARKIT_INDEX[f"mouth{way}{side}"]]
        for way in ("LowerDown", "UpperUp")
        for side in ("Left", "Right")
    ]
    found: Floats = (
        motion.jaw[:, 0] / JAW_OPEN_RAD - face[:, ARKIT_INDEX["mouthClose"]] + 0.25 * sum(lips)
    )
    return found


def evidence(expected: Floats, mouths: Floats, heard: NDArray[np.bool_]) -> Floats:
    """Return how much each of two mouths (2, n_frames) looks as if it said what is heard, (2,).

    Args:
        expected: (n_frames,) of `expected_mouth`.
        mouths: (2, n_frames) distances of the lips, each in units of the own face.
        heard: (n_frames,) where the voice speaks.
    """
    if int(heard.sum()) < _LEAST_FRAMES:
        return np.zeros(2)
    heard = binary_dilation(heard, iterations=_AROUND_FRAMES)
    wanted, seen = _steady(expected), [_steady(mouth) for mouth in mouths]
    course = [_agreement(wanted, mouth, heard) for mouth in seen]
    speed = [_agreement(_speed(wanted), _speed(mouth), heard) for mouth in seen]
    moved = np.log2([max(float(np.abs(mouth[heard]).mean()), 1e-6) for mouth in seen])
    energy = np.clip(moved - moved.mean(), -1, 1)
    weights = np.array(_WEIGHTS)[:, None]
    found: Floats = (weights * np.array([course, speed, energy])).sum(axis=0)
    return found


def _steady(values: Floats) -> Floats:
    steady: Floats = gaussian_filter1d(values - values.mean(), 0.7)
    return steady


def _speed(values: Floats) -> Floats:
    fast: Floats = gaussian_filter1d(np.abs(np.gradient(values)), 2.0)
    return fast


def _agreement(wanted: Floats, seen: Floats, heard: NDArray[np.bool_]) -> float:
    """Return the correlation at the lag that is best, where the voice speaks."""
    best = -1.0
    frames = np.flatnonzero(heard)
    for lag in LAGS:
        inside = frames[(frames + lag >= 0) & (frames + lag < len(seen))]
        if len(inside) < _LEAST_FRAMES:
            continue
        a, b = wanted[inside], seen[inside + lag]
        if a.std() > 1e-9 and b.std() > 1e-9:
            best = max(best, float(np.corrcoef(a, b)[0, 1]))
    return best


def who_speaks(
    sound: NDArray[np.float32],
    mouths: Floats,
    checkpoint: Checkpoint | None = None,
    turns: Turns | None = None,
) -> Spoken:
    """Give the voices of a clip to its two faces.

    Args:
        sound: (n_samples,) of the mix, 16 kHz.
        mouths: (2, n_frames) distances of the lips of the left and the right face.
        checkpoint: the two-track network; the bundled one by default.
        turns: who is heard when, where that is known.
    """
    turns = turns or find_turns(sound, n_people=2)
    n_frames = min(n_frames_of(len(sound)), mouths.shape[1], turns.probability.shape[1])
    expected = expected_mouth(sound, checkpoint)[:n_frames]
    active = turns.active[:, :n_frames]
    by_voice = np.stack([evidence(expected, mouths[:, :n_frames], voice) for voice in active])
    straight, crossed = by_voice[0, 0] + by_voice[1, 1], by_voice[0, 1] + by_voice[1, 0]
    kept = turns if straight >= crossed else turns.swapped()
    return Spoken(kept, abs(float(straight - crossed)))
