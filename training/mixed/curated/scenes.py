"""Clips of video as scenes that the network of one mixed track learns from."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES
from dualtalk.curation.records import shards
from dualtalk.inference.networks.audio.frozen_encoder import FrozenAudioEncoder
from dualtalk.inference.networks.shared_space import Places
from dualtalk.training.curated.clips import Clip, clips_in
from dualtalk.training.mixed.batches import WINDOW_FRAMES
from dualtalk.training.mixed.data import Scenes
from numpy.typing import NDArray

Row = dict[str, NDArray[Any]]


def scenes_of(clips: Iterable[Clip], audio_encoder: FrozenAudioEncoder) -> Scenes:
    """Cut clips into windows; where one ends early is silence that nothing is learned from."""
    rows = [row for clip in clips for row in _rows(clip, audio_encoder)]
    return Scenes(**{name: np.stack([row[name] for row in rows]) for name in rows[0]})


def _rows(clip: Clip, audio_encoder: FrozenAudioEncoder) -> list[Row]:
    """Return the fields of `Scenes` for every window of a clip, less the first axis."""
    n_frames = max(clip.n_frames, WINDOW_FRAMES)
    sound = torch.from_numpy(np.pad(clip.sound, (0, n_frames * FRAME_SAMPLES - len(clip.sound))))
    with torch.inference_mode():
        gain = audio_encoder.gain(sound)
        features = audio_encoder.encode(sound, n_frames, gain=gain).numpy()
    missing = n_frames - clip.n_frames
    motion = np.pad(clip.motion, ((0, 0), (0, missing), (0, 0)), mode="edge")
    trust = np.pad(clip.trust, ((0, 0), (0, missing), (0, 0)))
    speaking = np.pad(clip.speaking, ((0, 0), (0, missing)))
    places = Places.of(clip.staging)
    rows = []
    for first in _firsts(n_frames):
        cut = slice(first, first + WINDOW_FRAMES)
        rows.append(
            {
                "features": features[cut].astype(np.float16),
                "motion": motion[:, cut].astype(np.float16),
                "speaking": speaking[:, cut].astype(np.float16),
                "partner_m": places.partner_m.astype(np.float32),
                "turn": places.turn.astype(np.float32),
                "conditions": places.conditions(),
                "trust": trust[:, cut].astype(np.float16),
            }
        )
    return rows


def _firsts(n_frames: int) -> list[int]:
    """Return where windows begin: one after the other, the last at the end."""
    last = n_frames - WINDOW_FRAMES
    return sorted({*range(0, last, WINDOW_FRAMES), last})


def load(folder: Path, cache: Path, audio_encoder: FrozenAudioEncoder) -> Scenes:
    """Return the scenes of a folder of shards; they are encoded once and kept in the cache.

    Raises:
        InputError: the folder holds no clip that was taken, or a shard is damaged.
    """
    path = cache / f"mixed-shards-{_digest(folder, audio_encoder)}.npz"
    if not path.is_file():
        scenes_of(clips_in(folder), audio_encoder).save(path)
    return Scenes.load(path)


def _digest(folder: Path, audio_encoder: FrozenAudioEncoder) -> str:
    """Return a name that differs where the scenes would."""
    found = hashlib.sha256()
    for file in shards.files(folder):
        state = file.stat()
        found.update(f"{file.resolve()} {state.st_size} {state.st_mtime_ns}\n".encode())
    for weight in audio_encoder.state_dict().values():
        found.update(weight.numpy().tobytes())
    return found.hexdigest()[:12]
