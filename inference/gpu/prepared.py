"""A DualTalk network as a GPU runs it best.

Both wav2vec2 encoders are joined to one, and in the fast mode the published network's weights are
halves. The motion, which is compared from pass to pass, stays float32: rounded, the heads would
never agree.
"""

import copy

import torch

from ..networks.audio.wav2vec2 import Wav2Vec2Config
from ..networks.dualtalk import DualTalk


def prepared(network: DualTalk, device: torch.device, dtype: torch.dtype | None = None) -> DualTalk:
    """Return a copy on a device.

    Args:
        network: the original.
        device: where the copy's weights shall be.
        dtype: of the published network's weights; None leaves them float32. The compact one stays
            float32: its layers are so small that a smaller type gains nothing.
    """
    result = copy.deepcopy(network).to(device)
    result.joint_encoder.join_encoders()
    if dtype is not None and isinstance(network.config.audio, Wav2Vec2Config):
        result.to(dtype)
        result.synthesis_module.blendshape_predictor.float()
    return result.eval()
