"""The network of two tracks as training has it: with losses, and with weights to begin from."""

import copy
from dataclasses import replace
from pathlib import Path

import torch
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES
from dualtalk.inference import checkpoints
from dualtalk.inference.networks.audio.compact_audio import CompactAudioConfig
from dualtalk.inference.networks.config import DualTalkConfig, compact_config
from dualtalk.inference.networks.dualtalk import AudioFeatures, DualTalk, swapped
from dualtalk.training.speech import visemes
from dualtalk.training.speech.phones import PHONES
from dualtalk.training.two_track import behaviour, dualtalk_dataset, losses
from dualtalk.training.two_track.config import Stage, TrainingConfig
from dualtalk.training.two_track.data import Batch
from torch import Tensor, nn

_BLINK_THRESHOLDS, _BLINK_STEEPNESS = (1.8, 2.25, 2.4, 2.6), 12.0
#: What sound tells: mouth and jaw. The rest follows noise in part, which no video shows.
_SAID = slice(ARKIT_INDEX["mouthClose"], ARKIT_INDEX["mouthUpperUpRight"] + 1)
_JAW = len(ARKIT_SHAPES)
#: Share of dialogues in which the partner's motion is withheld, as in the first pass over both.
_PARTNER_AT_REST = 0.2


class Learner(nn.Module):
    """The network and what only training needs: what its features of sound must tell.

    That is where the articulators are, and where low pitch invites the listener to answer.
    """

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        self.network = DualTalk(config)
        self.articulators = nn.Linear(config.feature_size, len(visemes.ARTICULATORS))
        self.cues = nn.Linear(config.feature_size, 1)
        #: What the run began from, no part of what is trained and saved: in a tuple, out of sight.
        self._kept: tuple[DualTalk, ...] = ()

    def begin_from(self, network: DualTalk) -> None:
        """Take the weights of a network, and keep it to compare with."""
        self.network.load_state_dict(network.state_dict())
        self._kept = (copy.deepcopy(network).requires_grad_(False).eval(),)

    def loss(self, batch: Batch, stage: Stage) -> losses.Loss:
        """Return the loss of one batch of a stage."""
        if stage.kind == "dualtalk":
            return self._published_loss(batch)
        if stage.kind == "video":
            return self._video_loss(batch, stage)
        learns = stage.encoder_rate > 0
        weights = losses.ApertureWeights(stage.meeting_weight, stage.silence_weight)
        with torch.set_grad_enabled(learns):
            features, of_audio = self._audio_features(batch, learns)
        if stage.kind == "monologues":
            direct = self.network.direct_path(features)
            loss = losses.mouth_loss(direct.float(), batch["motion"], weights)
        else:
            both = AudioFeatures(features, swapped(features))
            motion = self.network.decode(both, self._partner(batch["motion"]), batch["noise"])
            loss = losses.motion_loss(motion.float(), batch["motion"], weights)
        total = loss.total + of_audio.total if learns else loss.total
        return losses.Loss(total, {**of_audio.parts, **loss.parts})

    def _video_loss(self, batch: Batch, stage: Stage) -> losses.Loss:
        """Return the loss of motion that was seen, as far as it is to be trusted.

        No phones are known, so that the audio encoder learns from the motion alone. A network that
        was trained before stays what it was wherever a video shows nothing, and in all but mouth
        and jaw, since the noise that made somebody blink or nod is not known.
        """
        weights = losses.ApertureWeights(stage.meeting_weight, stage.silence_weight)
        partner = self._partner(batch["motion"])
        with torch.set_grad_enabled(torch.is_grad_enabled() and stage.encoder_rate > 0):
            features = _features(self.network, batch)
        motion = _decoded(self.network, features, partner, batch).float()
        if not self._kept:
            return losses.motion_loss(motion, batch["motion"], weights, batch["trust"])
        with torch.no_grad():
            kept = self._kept[0].to(motion.device)
            before = _decoded(kept, _features(kept, batch), partner, batch).float()
        trust = torch.zeros_like(before)
        trust[..., _SAID] = batch["trust"][..., _SAID]
        trust[..., _JAW] = batch["trust"][..., _JAW]
        return losses.motion_loss(motion, before.lerp(batch["motion"], trust), weights)

    def _audio_features(self, batch: Batch, learns: bool) -> tuple[Tensor, losses.Loss]:
        """Return the features (2 B, T, feature_size) of the sound, and how well they tell it."""
        joint = self.network.joint_encoder
        encoder = joint.audio_encoder1
        encoder.train(learns)
        at_50 = encoder.at_50(
            batch["audio"], batch["motion"].shape[1], batch.get("pretrained")
        )  # (2 B, 2 T, hidden)
        at_25 = encoder.at_motion_rate(at_50)  # (2 B, T, hidden)
        features = joint.audio_projection(at_25)
        loss = losses.audio_loss(
            losses.AudioOutputs(
                encoder.phones(at_50).float(),
                encoder.lips(at_25).float(),
                self.articulators(features).float(),
                self.cues(features).float().squeeze(-1),
            ),
            batch,
        )
        return features, loss

    def _published_loss(self, batch: Batch) -> losses.Loss:
        """Return the paper's loss for the first of each two heads; no phones are known."""
        audio, motion = batch["audio"], batch["motion"]
        noise = batch["noise"][0::2] if "noise" in batch else None
        ours = self.network(audio[0::2], audio[1::2], motion[1::2], noise)
        return losses.published_loss(ours.float(), motion[0::2])

    def _partner(self, motion: Tensor) -> Tensor:
        """Return the partner's motion (2 B, T, 52) as it will be known: at times not at all."""
        known = torch.rand(len(motion), 1, 1, device=motion.device) > _PARTNER_AT_REST
        return swapped(motion) * known


def _features(network: DualTalk, batch: Batch) -> Tensor:
    """Return what a network hears, (2 B, T, feature_size)."""
    joint, n_frames = network.joint_encoder, batch["motion"].shape[1]
    encoder = joint.audio_encoder1
    at_50 = encoder.at_50(batch["audio"], n_frames, batch.get("pretrained"))
    features: Tensor = joint.audio_projection(encoder.at_motion_rate(at_50))
    return features


def _decoded(network: DualTalk, features: Tensor, partner: Tensor, batch: Batch) -> Tensor:
    """Return the motion (2 B, T, 52) of both heads of each dialogue."""
    both = AudioFeatures(features, swapped(features))
    noise = batch["noise"] if network.config.n_noise else None
    return network.decode(both, partner, noise)


def beginning(config: TrainingConfig) -> Learner:
    """Return the network before its first step: as the seed draws it, or of a checkpoint."""
    torch.manual_seed(config.seed)
    if config.begin:
        path = checkpoints.bundled_path() if config.begin == "bundled" else Path(config.begin)
        trained = checkpoints.load(path).network
        learner = Learner(trained.config)
        learner.begin_from(trained)
        return learner
    learner = Learner(network_config(config))
    checkpoints.give_speech_encoder(learner)
    if learner.network.config.n_noise:
        expect_blinks(learner.network)
    return learner


def network_config(config: TrainingConfig) -> DualTalkConfig:
    """Return the compact network's config with what the run's config changes in it."""
    if config.basis == "flame":
        flame = replace(
            compact_config(), n_expression=dualtalk_dataset.N_EXPRESSION, has_eyes=False
        )
        return replace(flame, **config.network)
    audio = CompactAudioConfig(n_phone_classes=len(PHONES), predicts_lips=True)
    network = compact_config(behaviour.N_NOISE, replace(audio, **config.audio))
    return replace(network, **config.network)


@torch.no_grad()
def expect_blinks(network: DualTalk) -> None:
    """Let four units of the noise's encoder begin as thresholds on the channel of blinks.

    A blink is what happens beyond about two standard deviations, in one frame of a hundred: a unit
    of random weights sees too few of them to find the threshold. The units taken are those that
    the rest of the network uses least.
    """
    encoder = network.interaction_module.noise_encoder
    units = encoder.course.weight.square().sum(dim=(0, 2)).argsort()[: len(_BLINK_THRESHOLDS)]
    for unit, threshold in zip(units, _BLINK_THRESHOLDS, strict=True):
        encoder.decision.weight[unit] = 0
        encoder.decision.weight[unit, behaviour.BLINK_CHANNEL] = _BLINK_STEEPNESS
        encoder.decision.bias[unit] = -_BLINK_STEEPNESS * threshold
