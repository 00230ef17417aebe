"""Who speaks: the turns of the sound against the mouths that were tracked.

The voices are told apart by the turn-taking network. Which of the two faces a voice is of, and
whether two voices are one person's after all: the bundled two-track network says how a mouth moves
that speaks this sound, and the face whose lips move so, when the voice speaks, is the speaker. It
stands for a network trained on video and sound together, which nobody may use freely.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter1d

from ..core.conversation.dialogue import Dialogue, n_frames_of
from ..core.conversation.turns import Turns
from ..core.motion import Motion
from ..core.names import ARKIT_INDEX, JAW_OPEN_RAD
from ..inference import checkpoints
from ..inference.checkpoints import Checkpoint
from ..inference.devices import give_back_freed_memory
from ..inference.networks.speaker.voices import VoiceNetwork
from ..inference.turn_taking.finding import find_turns
from ..inference.two_track.predict import PredictOptions, predict_both

Floats = NDArray[np.floating[Any]]

#: Sound and picture of a clip may be apart by so much, frames. This, to look at what is around the
#: speech too, and all below was chosen on 63 sentences of other clips, of nine people: 89 % right
#: there; without the width of the mouth and with drift 79 %, by level alone 61 %.
LAGS = range(-1, 4)
#: A mouth that rests while nobody speaks says as much: so many frames around speech count.
_AROUND_FRAMES = 25
#: Shorter stretches are not judged on their own, frames.
_LEAST_FRAMES = 15
#: What changes more slowly is posture, no speech: a Gaussian of half a second is taken out, frames.
_DRIFT_FRAMES = 12.0
#: What it takes, in units of `evidence`, that two voices are one person's: the turn network finds
#: two in all it is asked to, in a monologue too. It takes less where that network, asked how many
#: there are, hears one. Chosen on the same sentences, joined to dialogues and to monologues of
#: which each half was called another voice: at 0.5 and two moving mouths 100 % and 84 % of the
#: voices went to the right face, at 1.0 100 % and 61 %.
_ONE_VOICE, _TWO_VOICES = 0.5, 1.5
#: A mouth that moves more than four times (2 ** 2) as much as the other speaks more likely; less
#: says nothing, since people move their mouths by different amounts.
_RESTING = 2.0


@dataclass(frozen=True)
class Spoken:
    """Who speaks when, A being the left face."""

    turns: Turns
    margin: float  #: by how much the likeliest assignment is better than the next, as `evidence`


def expected_mouth(sound: NDArray[np.float32], checkpoint: Checkpoint | None = None) -> Floats:
    """Return a mouth that speaks a mixed sound, (n_frames, 2): how far the lips are apart, and how
    wide they are, in no unit.
    """
    checkpoint = checkpoint or checkpoints.load(checkpoints.bundled_path())
    both = np.stack([sound, np.zeros_like(sound)])
    motion = predict_both(Dialogue(both), checkpoint, PredictOptions(raw=True))[0]
    return np.stack([opening(motion), width(motion)], axis=1)


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


def width(motion: Motion) -> Floats:
    """Return how wide a motion makes the mouth, (n_frames,): below 0 where lips are rounded."""
    face = motion.expression
    found: Floats = -face[:, ARKIT_INDEX["mouthFunnel"]] - face[:, ARKIT_INDEX["mouthPucker"]]
    for side in ("Left", "Right"):
        for way in ("Stretch", "Smile"):
            found = found + 0.5 * face[:, ARKIT_INDEX[f"mouth{way}{side}"]]
    return found


def evidence(expected: Floats, mouths: Floats, heard: NDArray[np.bool_]) -> Floats:
    """Return how much each of two mouths looks as if it said what is heard, (2,).

    Args:
        expected: (n_frames, 2) of `expected_mouth`.
        mouths: (2, n_frames, 2) distances of the lips and of the mouth's corners, each in units of
            the own face.
        heard: (n_frames,) where the voice speaks.
    """
    if int(heard.sum()) < _LEAST_FRAMES:
        return np.zeros(2)
    heard = binary_dilation(heard, iterations=_AROUND_FRAMES)
    wanted, seen = _without_drift(expected), [_without_drift(mouth) for mouth in mouths]
    signs = [[_agreement(wanted[:, i], mouth[:, i], heard) for mouth in seen] for i in (0, 1)]
    speed = _speed(_steady(expected[:, 0]))
    gaps = [_steady(mouth[:, 0]) for mouth in mouths]
    signs.append([_agreement(speed, _speed(gap), heard) for gap in gaps])
    moved = np.log2([max(float(np.abs(gap[heard]).mean()), 1e-6) for gap in gaps])
    rests = np.clip(np.abs(moved[0] - moved[1]) - _RESTING, 0, 1) / 2
    signs.append(list(rests * np.sign(moved - moved[::-1])))
    found: Floats = np.array(signs).sum(axis=0)
    return found


def _steady(values: Floats) -> Floats:
    steady: Floats = gaussian_filter1d(values - values.mean(), 0.7)
    return steady


def _without_drift(values: Floats) -> Floats:
    """Return courses (n_frames, 2) less what changes slowly."""
    slow = gaussian_filter1d(values, _DRIFT_FRAMES, axis=0)
    fast: Floats = gaussian_filter1d(values, 0.7, axis=0) - slow
    return fast


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
    """Give the voices of a clip to its two faces, each to one or both to the same.

    Args:
        sound: (n_samples,) of the mix, 16 kHz.
        mouths: (2, n_frames, 2) distances of the lips and of the mouth's corners, of the left and
            the right face.
        checkpoint: the two-track network; the bundled one by default.
        turns: who is heard when, where that is known: voices of two people.
    """
    cost = _TWO_VOICES
    if turns is None:
        turns, cost = _heard(sound)
    n_frames = min(n_frames_of(len(sound)), mouths.shape[1], turns.probability.shape[1])
    expected = expected_mouth(sound, checkpoint)[:n_frames]
    _let_go()
    active = turns.active[:, :n_frames]
    by_voice = np.stack([evidence(expected, mouths[:, :n_frames], voice) for voice in active])
    faces, margin = assigned(by_voice, cost)
    probability = np.zeros_like(turns.probability)
    for voice, face in zip(turns.probability, faces, strict=True):
        probability[face] = np.maximum(probability[face], voice)
    return Spoken(replace(turns, probability=probability), margin)


def _heard(sound: NDArray[np.float32]) -> tuple[Turns, float]:
    """Return the turns of two voices, and what it takes that both are one person's."""
    checkpoints.load(checkpoints.bundled_path(VoiceNetwork), VoiceNetwork)
    give_back_freed_memory()  # of its file
    turns, cost = find_turns(sound), _TWO_VOICES
    if turns.n_voices == 1:
        turns, cost = find_turns(sound, n_people=2), _ONE_VOICE
    _let_go()
    return turns, cost


def _let_go() -> None:
    """Keep no network: one at a time takes 30 MB less of a worker, and reading both 0.15 s."""
    checkpoints.forget()
    give_back_freed_memory()


def assigned(by_voice: Floats, cost: float) -> tuple[tuple[int, int], float]:
    """Return which face each of two voices is of, and by how much that is better than the next.

    Args:
        by_voice: (2, 2) of `evidence`: of each voice for each face.
        cost: what speaks against both being one person's.
    """
    scores = {
        (first, second): float(by_voice[0, first] + by_voice[1, second]) - cost * (first == second)
        for first in (0, 1)
        for second in (0, 1)
    }
    best, next_best = sorted(scores, key=lambda faces: -scores[faces])[:2]
    return best, scores[best] - scores[next_best]
