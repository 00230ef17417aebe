"""Two wav2vec2 encoders side by side: one product where there were two.

DualTalk hears with two encoders of one shape. On a GPU their products are so short
that starting them takes as long as computing them. Here the weights of both lie in one tensor, and
each product, norm and attention is started once for both; the scale and offset of a layer norm are
folded into the product behind it. The numbers are those of the two encoders, up to rounding.
"""

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from .wav2vec2 import EncoderLayer, Wav2Vec2

#: Rows of time (tracks) whose positions are computed at once, for the sake of memory.
_POSITION_ROWS = 2

Pair = tuple[Wav2Vec2, Wav2Vec2]


class Wav2Vec2Pair(nn.Module):
    """Sound in, the features of both encoders out."""

    def __init__(self, first: Wav2Vec2, second: Wav2Vec2) -> None:
        super().__init__()
        pair = first, second
        extractors = [first.feature_extractor, second.feature_extractor]
        self.feature_extractors = nn.ModuleList(dict.fromkeys(extractors))
        projections = [each.feature_projection for each in pair]
        self.feature_projection = Product(
            [[each.projection] for each in projections], [each.layer_norm for each in projections]
        )
        self.position = PairedPosition(pair)
        self.layers = nn.ModuleList(
            PairedLayer([cast(EncoderLayer, layer) for layer in layers])
            for layers in zip(*(each.encoder.layers for each in pair), strict=True)
        )
        norms = [each.encoder.layer_norm for each in pair]
        self.gain = _stacked([norm.weight[None, None] for norm in norms])  # (2, 1, 1, hidden)
        self.offset = _stacked([norm.bias[None, None] for norm in norms])

    def forward(self, own: Tensor, partner: Tensor, n_frames: int) -> tuple[Tensor, Tensor]:
        """Return what the first encoder makes of `own` and the second of `partner`.

        Args:
            own: (B, n_samples), zero mean and unit variance.
            partner: the same; give `own` itself where both hear the same.
            n_frames: of the features, (B, n_frames, hidden) each.
        """
        x = self._heard(own, partner, n_frames)
        x = self.feature_projection(_normed(x).expand(2, -1, -1, -1))
        x = x + F.gelu(self.position(x))
        for layer in self.layers:
            x = layer(x)
        x = torch.addcmul(self.offset, _normed(x), self.gain)
        return x[0], x[1]

    def _heard(self, own: Tensor, partner: Tensor, n_frames: int) -> Tensor:
        """Return what the convolutions make of both, (1 or 2, B, n_frames, channels)."""
        first, last = self.feature_extractors[0], self.feature_extractors[-1]
        tracks = [(first, own), (last, partner)]
        if first is last and own is partner:
            del tracks[1]
        heard = [
            F.interpolate(
                extractor(track).transpose(1, 2), size=n_frames, mode="linear", align_corners=True
            )
            for extractor, track in tracks
        ]
        return torch.stack(heard).transpose(2, 3)


class Product(nn.Module):
    """Linear layers of both encoders, those of one encoder side by side."""

    def __init__(
        self, linears: Sequence[Sequence[nn.Linear]], norms: Sequence[nn.LayerNorm] = ()
    ) -> None:
        """Take the layers of each encoder, and the norms before them, whose affine parts go in."""
        super().__init__()
        weights = [torch.cat([each.weight for each in one]).detach() for one in linears]
        biases = [torch.cat([each.bias for each in one]).detach() for one in linears]
        if norms:
            biases = [
                bias + weight @ norm.bias
                for weight, bias, norm in zip(weights, biases, norms, strict=True)
            ]
            weights = [w * norm.weight for w, norm in zip(weights, norms, strict=True)]
        self.weight = _stacked([weight.T for weight in weights])  # (2, n_in, n_out)
        self.bias = _stacked([bias[None] for bias in biases])  # (2, 1, n_out)

    def forward(self, x: Tensor) -> Tensor:
        """(2, B, T, n_in) -> (2, B, T, n_out)."""
        out = torch.baddbmm(self.bias, x.flatten(1, 2), self.weight)
        return out.view(*x.shape[:3], -1)

    def added_to(self, x: Tensor, residual: Tensor) -> Tensor:
        """Return (2, B, T, n_out): residual and product, without a copy of either."""
        out = (residual.flatten(1, 2) + self.bias).baddbmm_(x.flatten(1, 2), self.weight)
        return out.view(residual.shape)


class PairedLayer(nn.Module):
    """`EncoderLayer` of both encoders."""

    def __init__(self, layers: Sequence[EncoderLayer]) -> None:
        super().__init__()
        attentions = [layer.attention for layer in layers]
        forwards = [layer.feed_forward for layer in layers]
        self.n_heads = attentions[0].n_heads
        self.qkv = Product(
            [[each.q_proj, each.k_proj, each.v_proj] for each in attentions],
            [layer.layer_norm for layer in layers],
        )
        self.out = Product([[each.out_proj] for each in attentions])
        self.intermediate = Product(
            [[each.intermediate_dense] for each in forwards],
            [layer.final_layer_norm for layer in layers],
        )
        self.output = Product([[each.output_dense] for each in forwards])

    def forward(self, x: Tensor) -> Tensor:
        """(2, B, T, hidden) -> (2, B, T, hidden)."""
        _, n_rows, n_time, _ = x.shape
        qkv = self.qkv(_normed(x)).view(2 * n_rows, n_time, 3, self.n_heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind()  # each (2 B, heads, T, size)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2)
        x = self.out.added_to(mixed.reshape(x.shape), x)
        return self.output.added_to(F.gelu(self.intermediate(_normed(x))), x)


class PairedPosition(nn.Module):
    """The convolutional positions of both encoders, as one product per group of channels.

    A library's grouped convolution over 128 frames takes a fifth of the whole encoder's time.
    """

    def __init__(self, pair: Pair) -> None:
        super().__init__()
        convolutions = [each.encoder.pos_conv_embed.conv for each in pair]
        self.groups = convolutions[0].groups
        weights = []
        for each in convolutions:
            weight = each.normed_weight().detach()  # (hidden, size, kernel), size in a group
            self.kernel = weight.shape[2]
            by_group = weight.view(
                self.groups, -1, *weight.shape[1:]
            )  # (groups, out, size, kernel)
            weights.append(by_group.permute(0, 3, 2, 1).flatten(1, 2))
        self.weight = _stacked(weights)  # (2, groups, kernel * size, out)
        self.bias = _stacked([each.bias.view(self.groups, 1, -1) for each in convolutions])

    def forward(self, x: Tensor) -> Tensor:
        """(2, B, T, hidden) -> (2, B, T, hidden)."""
        pieces = [self._of_rows(piece) for piece in torch.split(x, _POSITION_ROWS, dim=1)]
        return torch.cat(pieces, dim=1)

    def _of_rows(self, x: Tensor) -> Tensor:
        n_rows, n_time = x.shape[1:3]
        before = self.kernel // 2
        padded = F.pad(x, (0, 0, before, self.kernel - 1 - before))
        by_group = padded.view(
            *padded.shape[:3], self.groups, -1
        )  # (2, B, T + kernel - 1, groups, size)
        seen = by_group.unfold(2, self.kernel, 1)  # (2, B, T, groups, size, kernel)
        rows = seen.permute(0, 3, 1, 2, 5, 4).reshape(2 * self.groups, n_rows * n_time, -1)
        weight, bias = self.weight.flatten(0, 1), self.bias.flatten(0, 1)
        out = torch.baddbmm(bias, rows, weight).view(2, self.groups, n_rows, n_time, -1)
        return out.permute(0, 2, 3, 1, 4).flatten(3)


def _normed(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:])


def _stacked(values: Sequence[Tensor]) -> nn.Parameter:
    return nn.Parameter(torch.stack([each.detach() for each in values]), requires_grad=False)
