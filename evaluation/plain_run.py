"""The plain run that the fast one is measured against.

Float32, eager attention whose maps are kept, convolutions by torch, nothing shared between the
encoders or the heads, one head after the other: what the published code does.
"""

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor, nn

from ..core.conversation.dialogue import Dialogue
from ..inference.networks.audio.wav2vec2 import SelfAttention
from ..inference.networks.audio.wav2vec2_features import ConvolutionLayer, FeatureExtractor
from ..inference.networks.dualtalk import AudioFeatures, DualTalk


def plain_run(network: DualTalk, dialogue: Dialogue) -> NDArray[np.float32]:
    """Return both heads' numbers by the plain run, (2, n_frames, n_outputs)."""
    maps: list[Tensor] = []
    handles = _make_eager(network, maps)
    joint = network.joint_encoder
    device = next(network.parameters()).device
    tracks = torch.from_numpy(dialogue.tracks).to(device)
    motion = torch.zeros(2, dialogue.n_frames, network.config.n_outputs, device=device)
    try:
        with torch.inference_mode():
            features = []
            for own, partner in ((0, 1), (1, 0)):
                heard = []
                for track, is_partner in ((tracks[own], False), (tracks[partner], True)):
                    maps.clear()  # a plain run keeps the maps of one encoder at a time
                    sound = network.prepare(track)[None]
                    n_frames = dialogue.n_frames
                    heard.append(joint.encode_audio(sound, n_frames, is_partner=is_partner))
                features.append(AudioFeatures(*heard))
            for _ in range(6):
                before = motion.clone()
                motion = torch.cat(
                    [network.decode(features[i], before[1 - i][None]) for i in (0, 1)]
                )
                if float((motion - before).abs().max()) < 1e-3:
                    break
    finally:
        for module, forward in handles:
            module.forward = forward
    result: NDArray[np.float32] = motion.float().cpu().numpy()
    return result


def _make_eager(network: DualTalk, maps: list[Tensor]) -> list[tuple[nn.Module, Any]]:
    """Replace what is fast by what is plain; return how to undo it."""
    replaced: list[tuple[nn.Module, Any]] = []
    for module in network.modules():
        plain: Any = None
        if isinstance(module, SelfAttention):
            plain = _eager_attention(module, maps)
        elif isinstance(module, FeatureExtractor):
            plain = _channel_major_convolutions(module)
        if plain is not None:
            replaced.append((module, module.forward))
            module.forward = plain
    return replaced


def _eager_attention(module: SelfAttention, maps: list[Tensor]) -> Any:
    def forward(x: Tensor) -> Tensor:
        n_batch, n_time, _ = x.shape
        q, k, v = (
            p(x).view(n_batch, n_time, module.n_heads, -1).transpose(1, 2)
            for p in (module.q_proj, module.k_proj, module.v_proj)
        )
        weights = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(q.shape[-1]), dim=-1)
        maps.append(weights)
        out: Tensor = module.out_proj((weights @ v).transpose(1, 2).flatten(2))
        return out

    return forward


def _channel_major_convolutions(module: FeatureExtractor) -> Any:
    def forward(audio: Tensor) -> Tensor:
        x = audio[:, None]  # (B, channels, n)
        for layer in module.conv_layers:
            assert isinstance(layer, ConvolutionLayer)
            normed = layer.layer_norm(layer.conv(x).transpose(1, 2))
            x = F.gelu(normed).transpose(1, 2)
        return x.transpose(1, 2)

    return forward
