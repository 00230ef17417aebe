"""Windows of clips that curation took, as `SyntheticDialogues` gives them.

What is heard of each person is the mix while that person speaks. Phones and cues are not known and
say silence: stages of the kind `video` do not learn from them. The noise is any, since nobody knows
what made the one who was filmed blink.
"""

from pathlib import Path

import numpy as np
import torch
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES
from dualtalk.curation.records import shards
from dualtalk.inference.networks.dualtalk import gain_to_speech_level
from dualtalk.inference.noise import draw
from dualtalk.training.curated.clips import Clip, clip_of, places_in
from dualtalk.training.speech import visemes
from dualtalk.training.two_track import behaviour
from dualtalk.training.two_track.dialogues import Example
from numpy.typing import NDArray
from torch.utils.data import Dataset

FloatArray = NDArray[np.float32]

#: Without the place: shapes, jaw, head, eyes.
_N_MOTION = 52


class VideoDialogues(Dataset[Example]):
    """Windows of a folder's shards, every clip in turn, each time another part of it."""

    def __init__(self, folder: Path, n_frames: int, seed: int) -> None:
        """List the clips that were taken.

        Raises:
            InputError: there is none, or a shard is damaged.
        """
        self.places = places_in(folder)
        self.n_frames, self.seed = n_frames, seed

    def __getitem__(self, index: int) -> Example:
        """Return window `index`; the same number gives the same window."""
        place = self.places[index % len(self.places)]
        generator = np.random.default_rng((self.seed, index))
        return example(clip_of(shards.result_at(place)), self.n_frames, generator)


def example(clip: Clip, n_frames: int, generator: np.random.Generator) -> Example:
    """Cut a window of a clip; what a short one lacks is silence that nothing is learned from."""
    first = int(generator.integers(max(1, clip.n_frames - n_frames + 1)))
    frames = slice(first, first + n_frames)
    missing = max(0, n_frames - clip.n_frames)
    after = ((0, 0), (0, missing), (0, 0))
    gains = [float(gain_to_speech_level(torch.from_numpy(track))) for track in clip.tracks]
    sound = clip.tracks * np.array(gains, np.float32)[:, None]
    sound = sound[:, first * FRAME_SAMPLES : (first + n_frames) * FRAME_SAMPLES]
    noise = draw(n_frames, behaviour.N_NOISE, int(generator.integers(2**31)))
    return Example(
        np.pad(sound, ((0, 0), (0, missing * FRAME_SAMPLES))),
        np.pad(clip.motion[:, frames, :_N_MOTION], after, mode="edge"),
        noise,
        np.zeros((2, 2 * n_frames), np.int64),
        np.zeros((2, n_frames, len(visemes.ARTICULATORS)), np.float32),
        np.zeros((2, n_frames), np.float32),
        trust=np.pad(clip.trust[:, frames, :_N_MOTION], after),
    )
