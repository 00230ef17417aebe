"""What a recording of any length sounds like: how many speak, and whose voice it is."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor

from ...core import stored
from ...core.conversation.dialogue import FRAME_SAMPLES, SAMPLE_RATE, n_frames_of
from ...core.progress import Report
from ..devices import DeviceName
from ..executor import run_on
from ..networks.speaker.speaker_segmentation import (
    FIRST_CENTRE,
    FRAME_STEP,
    N_FRAMES,
    SETS,
    WINDOW_SAMPLES,
)
from ..networks.speaker.voice_encoder import HOP_SAMPLES, MEL_WINDOW_SAMPLES, POOLED_FRAMES
from ..networks.speaker.voices import VoiceNetwork

#: Windows in which it is heard how many speak follow each other at this distance (1 s, as
#: pyannote's own pipeline has it): each frame is heard ten times, with other sound around it.
_SEGMENTATION_HOP = WINDOW_SAMPLES // 10
#: Windows that are heard at once: one core is fastest so.
_TOGETHER = 4
#: Samples of one frame of a voice's features (80 ms), and frames of one block of them (10 s).
_STEP = HOP_SAMPLES * POOLED_FRAMES
_BLOCK = 125
#: Frames that a block hears on either side beside itself.
_MARGIN = 12
#: Frames between voices (0.16 s), and of the stretch that each is of: to tell who speaks when
#: (0.8 s), and to tell people apart (1.2 s).
_VOICE_HOP, _SHORT, _LONG = 2, 10, 15
VOICE_HOP_S = _VOICE_HOP * _STEP / SAMPLE_RATE

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Voices:
    """Whose voice is heard, every 0.16 s."""

    times_s: FloatArray  #: (N,) the middle of each stretch
    places: FloatArray  #: (N, 128) where they lie in the space of voices
    clean: FloatArray  #: (N,) how much of the stretch one person alone speaks

    def chosen(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> "Voices":
        """Return some of them."""
        return Voices(self.times_s[which], self.places[which], self.clean[which])


@dataclass(frozen=True)
class VoiceFeatures:
    """A whole recording."""

    counts: FloatArray  #: (n_frames, 3) probabilities that nobody, one person, several speak
    short: Voices  #: of 0.8 s
    long: Voices  #: of 1.2 s


def features_of(
    network: VoiceNetwork, sound: FloatArray, report: Report, device: DeviceName = "cpu"
) -> VoiceFeatures:
    """Return the features of a track (n_samples,) at 16 kHz.

    Memory beside the track hardly grows with its length: windows of it go to the device.
    """
    audio = torch.from_numpy(np.ascontiguousarray(sound, dtype=np.float32))

    def work(network: VoiceNetwork, where: torch.device) -> VoiceFeatures:
        counts = _counts(network, audio, report, where)
        short, long = _voices(network, audio, counts, report, where)
        return VoiceFeatures(counts, short, long)

    return run_on(network, device, work)


def _counts(
    network: VoiceNetwork, audio: Tensor, report: Report, where: torch.device
) -> FloatArray:
    """Return how many speak in each frame of 40 ms, (n_frames, 3)."""
    n_frames = n_frames_of(len(audio))
    total = np.zeros((n_frames, 3), np.float32)
    weight = np.full((n_frames, 1), 1e-9, np.float32)
    starts = [*range(0, max(len(audio) - WINDOW_SAMPLES, 0), _SEGMENTATION_HOP)]
    starts.append(max(len(audio) - WINDOW_SAMPLES, 0))  # the last window ends with the sound
    centres = (np.arange(N_FRAMES) * FRAME_STEP + FIRST_CENTRE) / FRAME_SAMPLES - 0.5
    for start, sets in _heard(network, audio, starts, report, where):
        first = -(-start // FRAME_SAMPLES)
        frames = np.arange(first, min(n_frames, (start + WINDOW_SAMPLES) // FRAME_SAMPLES + 1))
        at = frames - start / FRAME_SAMPLES  # where they are in the window, in frames
        # What is near an edge of a window is heard with less around it, and counts less.
        share = np.minimum(at, WINDOW_SAMPLES / FRAME_SAMPLES - at).clip(8, 125)[:, None]
        for number in range(3):
            chosen = [len(members) == number for members in SETS]
            each = sets[:, chosen].sum(axis=1)
            total[frames, number] += share[:, 0] * np.interp(at, centres, each)
        weight[frames] += share
    counts: FloatArray = (total / weight).astype(np.float32)
    return counts


def _heard(
    network: VoiceNetwork, audio: Tensor, starts: list[int], report: Report, where: torch.device
) -> Iterator[tuple[int, FloatArray]]:
    """Yield each window's first sample and how likely each set of people speaks in it, (589, 7)."""
    for first in range(0, len(starts), _TOGETHER):
        report(0.3 * first / len(starts), "hearing how many speak")
        some = starts[first : first + _TOGETHER]
        windows = torch.zeros(len(some), WINDOW_SAMPLES)
        for window, start in zip(windows, some, strict=True):
            cut = audio[start : start + WINDOW_SAMPLES]
            window[: len(cut)] = cut
        sets = network.segmentation(windows.to(where)).softmax(dim=-1).cpu().numpy()
        stored.let_go()
        yield from zip(some, sets, strict=True)


def _voices(
    network: VoiceNetwork, audio: Tensor, counts: FloatArray, report: Report, where: torch.device
) -> tuple[Voices, Voices]:
    """Return the voices of stretches of both lengths, where one person speaks alone."""
    n_steps = -(-len(audio) // _STEP)
    middles_s = np.arange(n_steps) * _STEP / SAMPLE_RATE + MEL_WINDOW_SAMPLES / 2 / SAMPLE_RATE
    frame = (middles_s * SAMPLE_RATE / FRAME_SAMPLES).astype(int).clip(0, len(counts) - 1)
    alone = torch.from_numpy(counts[frame, 1])
    parts: tuple[list[tuple[NDArray[np.int64], Tensor, Tensor]], ...] = ([], [])
    for first in range(0, n_steps, _BLOCK):
        report(0.3 + 0.7 * first / n_steps, "hearing whose voice it is")
        last = min(first + _BLOCK, n_steps)
        if float(alone[first:last].sum()) < 1:
            continue
        start, end = max(0, first - _MARGIN), min(n_steps, last + _MARGIN)
        features = _features(network, audio, start, end, 1 - counts[:, 0], where)
        stored.let_go()
        centres = torch.arange(first + first % _VOICE_HOP, last, _VOICE_HOP)
        for length, kept in zip((_SHORT, _LONG), parts, strict=True):
            weights = _stretches(centres - start, length, alone[start:end])
            clean = weights.sum(dim=1)
            is_heard = clean >= 1
            voices = network.encoder.voices(features, weights[is_heard].to(where))
            places = network.space(voices).cpu()
            kept.append((centres[is_heard].numpy(), places, clean[is_heard] / length))
    short, long = (_joined(kept, middles_s) for kept in parts)
    return short, long


def _features(
    network: VoiceNetwork,
    audio: Tensor,
    start: int,
    end: int,
    speech: FloatArray,
    where: torch.device,
) -> Tensor:
    """Return the encoder's features (end - start, 2560) of some steps.

    Args:
        network: of voices.
        audio: (n_samples,) of the whole track.
        start: the first step.
        end: the step after the last.
        speech: (n_frames,) how likely anybody speaks, of the whole track.
        where: the device.
    """
    n_samples = (end - start) * _STEP + MEL_WINDOW_SAMPLES - HOP_SAMPLES
    cut = audio[start * _STEP : start * _STEP + n_samples]
    cut = F.pad(cut, (0, n_samples - len(cut))).to(where)
    n_mels = (end - start) * POOLED_FRAMES
    middles = start * _STEP + np.arange(n_mels) * HOP_SAMPLES + MEL_WINDOW_SAMPLES // 2
    weights = torch.from_numpy(speech[(middles // FRAME_SAMPLES).clip(0, len(speech) - 1)])
    mels = network.encoder.log_mels(cut, weights.to(where))
    return network.encoder.features(mels[None])[0]


def _stretches(centres: Tensor, length: int, alone: Tensor) -> Tensor:
    """Return the weights (N, T) of frames in stretches around some of them."""
    distance = torch.arange(len(alone)) - centres[:, None]
    inside = (distance >= -(length // 2)) & (distance < (length + 1) // 2)
    return inside * alone


def _joined(
    parts: list[tuple[NDArray[np.int64], Tensor, Tensor]], middles_s: NDArray[np.float64]
) -> Voices:
    if not parts:
        return Voices(*(np.zeros(shape, np.float32) for shape in ((0,), (0, 128), (0,))))
    steps, places, clean = zip(*parts, strict=True)
    return Voices(
        middles_s[np.concatenate(steps)].astype(np.float32),
        torch.cat(places).numpy(),
        torch.cat(clean).numpy(),
    )
