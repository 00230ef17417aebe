"""The DualTalk data set's own files: `NAME_speaker1.wav/.npz` with `NAME_speaker2.wav/.npz`.

Sound is mono at 16 kHz; each `.npz` holds FLAME's `exp (T, 50)` and `pose (T, 6)` = head | jaw at
25 fps (Peng et al., CVPR 2025). Unlike the released loader, whose windows of a file are all its
last one, every epoch here takes another window of each file.
"""

from pathlib import Path

import numpy as np
import torch
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES
from dualtalk.core.errors import InputError
from dualtalk.core.motion import Motion
from dualtalk.inference.audio import read_dialogue
from dualtalk.inference.networks.dualtalk import gain_to_speech_level
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

N_EXPRESSION = 50
_SUFFIXES = ("_speaker1", "_speaker2")

#: Sound (2, n_frames * 640) and motion (2, n_frames, 56) of the person and of the partner.
Window = tuple[NDArray[np.float32], NDArray[np.float32]]


class DualTalkDataset(Dataset[Window]):
    """Windows of a folder's conversations, each head of each in turn.

    A head is taken if its motion is there; a partner whose motion is missing is at rest.
    """

    def __init__(self, folder: Path | None, n_frames: int, seed: int) -> None:
        """List the files.

        Raises:
            InputError: no folder is given, or it holds no conversation with motion.
        """
        if folder is None:
            raise InputError("Training on the DualTalk data set needs its folder: give --data.")
        self.heads = sorted(
            path.with_suffix("")
            for path in folder.rglob("*.npz")
            if path.stem.endswith(_SUFFIXES) and _is_whole(path.with_suffix(""))
        )
        if not self.heads:
            raise InputError(
                f"{folder} holds no conversation: expected NAME_speaker1.wav, NAME_speaker2.wav "
                "and their .npz."
            )
        self.n_frames, self.seed = n_frames, seed

    def __getitem__(self, index: int) -> Window:
        """Return window `index`; the same number gives the same window."""
        generator = np.random.default_rng((self.seed, index))
        own = self.heads[index % len(self.heads)]
        sound = _levelled(read_dialogue(_wav(own), _wav(partner_of(own))).tracks)
        motion = np.stack([_motion(own), _fitted(_motion_or_rest(partner_of(own)), _length(own))])
        n = min(motion.shape[1], sound.shape[1] // FRAME_SAMPLES)
        first = int(generator.integers(max(1, n - self.n_frames + 1)))
        cut = motion[:, first : min(first + self.n_frames, n)]
        audio = sound[:, first * FRAME_SAMPLES : (first + cut.shape[1]) * FRAME_SAMPLES]
        return audio, cut


def collate(windows: list[Window]) -> dict[str, Tensor]:
    """Join windows, cut to the shortest; rows 2 i and 2 i + 1 are a person and the partner."""
    n = min(motion.shape[1] for _, motion in windows)
    return {
        "audio": torch.from_numpy(np.concatenate([a[:, : n * FRAME_SAMPLES] for a, _ in windows])),
        "motion": torch.from_numpy(np.concatenate([m[:, :n] for _, m in windows])),
    }


def partner_of(head: Path) -> Path:
    """Return the other head of the same conversation, without a suffix."""
    first, second = _SUFFIXES
    old, new = (first, second) if head.name.endswith(first) else (second, first)
    return head.with_name(head.name.removesuffix(old) + new)


def _wav(head: Path) -> Path:
    return head.with_name(head.name + ".wav")


def _npz(head: Path) -> Path:
    return head.with_name(head.name + ".npz")


def _is_whole(head: Path) -> bool:
    return _wav(head).is_file() and _wav(partner_of(head)).is_file()


def _motion(head: Path) -> NDArray[np.float32]:
    """Return (n_frames, 56): expression | jaw | head."""
    motion = Motion.load(_npz(head))
    return np.concatenate([motion.expression[:, :N_EXPRESSION], motion.jaw, motion.head], axis=1)


def _motion_or_rest(head: Path) -> NDArray[np.float32]:
    return _motion(head) if _npz(head).is_file() else np.zeros((1, N_EXPRESSION + 6), np.float32)


def _length(head: Path) -> int:
    return Motion.load(_npz(head)).n_frames


def _fitted(motion: NDArray[np.float32], n_frames: int) -> NDArray[np.float32]:
    """Cut a motion to a length, or let it rest in its last pose."""
    return motion[np.minimum(np.arange(n_frames), len(motion) - 1)]


def _levelled(tracks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring the loud parts of each whole track to the level of training, as at use."""
    gains = [float(gain_to_speech_level(torch.from_numpy(track))) for track in tracks]
    result: NDArray[np.float32] = (tracks * np.array(gains)[:, None]).astype(np.float32)
    return result
