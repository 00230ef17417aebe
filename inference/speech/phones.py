"""How likely each phone is in each frame, as the bundled network's audio encoder hears it."""

import numpy as np
import torch
from numpy.typing import NDArray

from ...core.conversation.dialogue import FRAME_SAMPLES, n_frames_of
from ...core.errors import CheckpointError
from ...core.progress import Report, silent
from ...core.speech.phones import PHONES
from .. import checkpoints
from ..devices import DeviceName
from ..executor import run_on
from ..networks.audio.compact_audio import CompactAudio
from ..networks.dualtalk import DualTalk
from ..windows import plan

FloatArray = NDArray[np.float32]
#: Pieces that go through the encoder, and what neighbours share, frames of motion.
_WINDOW_FRAMES, _OVERLAP_FRAMES = 750, 100


def logarithms(
    track: FloatArray, report: Report = silent, device: DeviceName = "auto"
) -> FloatArray:
    """Return the logarithms of the phones' probabilities, (2 * n_frames, n_phones) at 50 a second.

    Args:
        track: (n_samples,) in [-1, 1], 16 kHz.
        report: told how far it is.
        device: where to compute.

    Raises:
        CheckpointError: the bundled network is missing, damaged or tells no phones.
        CancelledError: `report` asked for it.
    """
    network = checkpoints.load(checkpoints.bundled_path()).network
    encoder = network.joint_encoder.audio_encoder1
    is_known = isinstance(encoder, CompactAudio) and encoder.config.n_phone_classes == len(PHONES)
    if not is_known:
        raise CheckpointError("The bundled network tells no phones: install DualTalk again.")
    return run_on(network, device, lambda net, on: _heard(net, track, on, report))


def _heard(
    network: DualTalk, track: FloatArray, device: torch.device, report: Report
) -> FloatArray:
    encoder = network.joint_encoder.audio_encoder1
    assert isinstance(encoder, CompactAudio)
    assert encoder.phones is not None
    sound = torch.from_numpy(track)
    offset, gain = network.level(sound)
    n_frames = n_frames_of(len(track))
    result = np.zeros((2 * n_frames, len(PHONES)), np.float32)
    windows = plan(n_frames, _WINDOW_FRAMES, _OVERLAP_FRAMES)
    half = _OVERLAP_FRAMES // 2
    for index, window in enumerate(windows):
        report(index / len(windows), f"listening, piece {index + 1} of {len(windows)}")
        piece = sound[window.first * FRAME_SAMPLES : window.last * FRAME_SAMPLES]
        with torch.inference_mode():
            audio = ((piece - offset) * gain)[None].to(device)
            found = encoder.phones(encoder.at_50(audio, window.n_frames)).log_softmax(dim=-1)[0]
        # Of what two windows share each gives the half that is farther from its edge.
        skip = half if index else 0
        result[2 * (window.first + skip) : 2 * window.last] = found[2 * skip :].float().cpu()
    return result
