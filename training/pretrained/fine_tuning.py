"""Whether the pretrained speech encoder hears lips better when it is fine-tuned.

    python -m training.pretrained.fine_tuning

A small audio encoder learns phones, lips and articulators from the readers to train on, behind the
pretrained one as it ships, with its last two layers free, and with all four. Each is measured on
the readers to choose by. Prints the table of docs/training.md.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES
from dualtalk.core.motion import NETWORK_FPS
from dualtalk.evaluation import intervals
from dualtalk.inference import checkpoints
from dualtalk.inference.networks.audio.compact_audio import CompactAudio, CompactAudioConfig
from dualtalk.training import held_out, markdown
from dualtalk.training.common.schedule import warm_cosine
from dualtalk.training.speech import visemes
from dualtalk.training.speech.corpus import Corpus
from dualtalk.training.speech.make import default_cache
from dualtalk.training.speech.phones import PHONE_INDEX, PHONES, SILENCE, Utterance
from dualtalk.training.two_track import losses
from dualtalk.training.two_track.dialogues import levelled
from dualtalk.training.two_track.evaluation import conditions
from dualtalk.training.two_track.evaluation.articulation import heard_closures
from torch import Tensor, nn
from tqdm import tqdm

N_LAYERS, N_FRAMES, BATCH = 4, 240, 4
_RATE, _FLOOR = 1.5e-3, 0.02
#: Of the heads' rate, for layers that were trained on 200,000 hours.
_PRETRAINED_SHARE = 0.03


class Hearing(nn.Module):
    """The audio encoder of the bundled network, smaller, with what it tells in training."""

    def __init__(self, n_free_layers: int) -> None:
        super().__init__()
        config = CompactAudioConfig(
            hidden_size=128,
            dilations=(1, 2, 4, 8, 1),
            n_phone_classes=len(PHONES),
            predicts_lips=True,
            dropout=0.1,
            n_pretrained_layers=N_LAYERS,
        )
        self.encoder = CompactAudio(config)
        checkpoints.give_speech_encoder(self)
        self.articulators = nn.Linear(config.hidden_size, len(visemes.ARTICULATORS))
        layers = self.encoder.pretrained.layers[N_LAYERS - n_free_layers :]
        self.free = list(layers.requires_grad_(True).parameters())

    def forward(self, audio: Tensor) -> losses.AudioOutputs:
        """Return what is told of audio (B, n_samples)."""
        n_frames = audio.shape[1] // FRAME_SAMPLES
        at_50 = self.encoder.at_50(audio, n_frames, self.encoder.pretrained.features_at_once(audio))
        features = self.encoder.at_motion_rate(at_50)
        return losses.AudioOutputs(
            self.encoder.phones(at_50), self.encoder.lips(features), self.articulators(features)
        )


def batch_of(utterances: list[Utterance], generator: np.random.Generator) -> dict[str, Tensor]:
    """Return windows of some recordings with their labels."""
    rows: dict[str, list[np.ndarray]] = {"audio": [], "phones": [], "articulators": []}
    for utterance in utterances:
        n = max(len(utterance.sound) // FRAME_SAMPLES, N_FRAMES)
        sound = np.zeros(n * FRAME_SAMPLES, np.float32)
        heard = levelled(utterance.sound)[: len(sound)]
        sound[: len(heard)] = heard
        curves = visemes.at_motion_rate(visemes.articulators(utterance), n)
        first = generator.integers(n - N_FRAMES + 1)
        cut = slice(first, first + N_FRAMES)
        rows["audio"].append(sound[first * FRAME_SAMPLES :][: N_FRAMES * FRAME_SAMPLES])
        rows["phones"].append(
            utterance.at_rate(2 * NETWORK_FPS, 2 * n)[2 * first :][: 2 * N_FRAMES]
        )
        rows["articulators"].append(curves[cut])
    return {name: torch.from_numpy(np.stack(values)) for name, values in rows.items()}


def trained(utterances: tuple[Utterance, ...], n_free: int, steps: int, seed: int) -> Hearing:
    """Train on recordings; the same are drawn however many layers are free."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    network = Hearing(n_free)
    free = {id(p) for p in network.free}
    heads = [p for p in network.parameters() if p.requires_grad and id(p) not in free]
    groups = [{"params": heads, "share": 1.0}, {"params": network.free, "share": _PRETRAINED_SHARE}]
    optimizer = torch.optim.AdamW([g for g in groups if g["params"]], lr=_RATE, weight_decay=0.01)
    for step in tqdm(range(steps), f"{n_free} layers free"):
        for group in optimizer.param_groups:
            group["lr"] = _RATE * group["share"] * warm_cosine(step, steps, _FLOOR)
        drawn = [utterances[i] for i in generator.integers(len(utterances), size=BATCH)]
        batch = batch_of(drawn, generator)
        loss = losses.audio_loss(network(batch["audio"]), batch)
        optimizer.zero_grad(set_to_none=True)
        loss.total.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
    return network.eval()


@torch.inference_mode()
def row_of(network: Hearing, utterances: Sequence[Utterance]) -> list[str]:
    """Return AUC and F1 of closures, r of the jaw and the share of phones right, as cells."""
    closed, jaws, truths, right = [], [], [], []
    for utterance in utterances:
        n = len(utterance.sound) // FRAME_SAMPLES
        audio = torch.from_numpy(levelled(utterance.sound)[: n * FRAME_SAMPLES])[None]
        told = network(audio)
        closed.append(told.lips[0, :, 0].sigmoid().numpy())
        said = utterance.at_rate(2 * NETWORK_FPS, 2 * n)
        spoken = utterance.at_rate(NETWORK_FPS, n) != PHONE_INDEX[SILENCE]
        jaws.append(told.articulators[0, :, 0].numpy()[spoken])
        truths.append(visemes.at_motion_rate(visemes.articulators(utterance), n)[spoken, 0])
        right.append((told.phones[0].argmax(dim=1).numpy() == said)[said != PHONE_INDEX[SILENCE]])
    auc, f1 = heard_closures(closed, list(utterances))
    jaw = intervals.correlation(np.concatenate(jaws), np.concatenate(truths))
    phone = intervals.mean(np.concatenate(right), block=2 * intervals.BLOCK_FRAMES)
    return [value.text(3) for value in (auc, f1, jaw, phone)]


def main() -> None:
    """Train each and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    learned = Corpus.load(arguments.cache / "real.npz").utterances
    asked = conditions.readers(arguments.shared, held_out.for_choosing)
    rows = []
    for n_free in (0, 2, N_LAYERS):
        network = trained(learned, n_free, arguments.steps, arguments.seed)
        rows.append([f"{n_free} of {N_LAYERS}", *row_of(network, asked)])
    print(markdown.table(["layers free", "closure AUC", "F1", "jaw r", "phones right"], rows))


if __name__ == "__main__":
    main()
