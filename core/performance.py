"""What a performance in a scene consists of, beside the motion itself."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .directing.gaze_plan import GazeHabit, GazePlan
from .directing.staging import HeadHabit, Staging, default_staging
from .motion import Motion


@dataclass(frozen=True)
class Settings:
    """How a performance is put into a scene."""

    staging: Staging = field(default_factory=default_staging)
    habits: tuple[GazeHabit, GazeHabit] = (GazeHabit(), GazeHabit())
    heads: tuple[HeadHabit, HeadHabit] = (HeadHabit(), HeadHabit())
    first_frame: int = 1
    seed: int = 0
    #: Bind the cameras of a new staging to the turns: cut to whoever speaks.
    cuts_to_speaker: bool = False
    #: Write the keys that are needed within 0.2 mm and 0.2 degrees in place of one per frame.
    has_few_keys: bool = False
    #: Add a light over each head that grows with the voice.
    with_voice_lights: bool = False


@dataclass(frozen=True)
class Performance:
    """Two motions, the sound that they belong to, and who speaks when."""

    motions: tuple[Motion, Motion]
    sounds: tuple[Path, ...]  #: a track per speaker, or one stereo file
    speaking: NDArray[np.bool_]  #: (2, n_frames) at 25 frames per second
    #: Where both look, if the network said so; None: to be planned from who speaks.
    gaze: GazePlan | None = None
    #: Rows of those who have no sound of their own: `sounds` are of the others.
    silent: tuple[int, ...] = ()
