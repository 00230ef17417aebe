"""Train the director: `python -m training.director.train` writes the two files in `assets/`.

Every step draws new descriptions (training/director/grammar.py), cut into pieces at random
(subword regularization, Kudo 2018), with some words struck out so that unknown ones do no harm.
Of several seeds the one with the best score on the validation's descriptions is kept; the test's
are looked at by training/director/evaluate.py only.
"""

import argparse
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sentencepiece
import torch
from dualtalk.core.directing.description import PARAMETERS
from dualtalk.core.files import atomic
from dualtalk.core.paths import ASSETS
from dualtalk.inference import checkpoints
from dualtalk.inference.description.interpret import Director
from dualtalk.inference.description.tokens import normalised
from dualtalk.inference.networks.director import DirectorConfig, DirectorNetwork
from dualtalk.training.common.steps import Every, run_stage
from dualtalk.training.director.evaluate import validate
from dualtalk.training.director.grammar import Generator, labels_of
from torch import Tensor, nn

N_PIECES = 1400
_CARD = {"command": "python -m training.director.train", "data": "descriptions that we made"}
_STRUCK_OUT = 0.05  # share of words
_UNSAID_WEIGHT = 0.6  # most parameters are unsaid in most descriptions
_SMOOTHING = 0.03
#: So many batches are drawn at once and sorted by length, which halves the time of a step.
_SORTED = 8


#: Minutes are not worth keeping: a run that is stopped begins again.
_EVERY = Every(saved=1, told=100)


@dataclass
class _Place:
    stage: int = 0
    step: int = 0


def learn_vocabulary(texts: list[str]) -> bytes:
    """Return a sentencepiece model for normalised texts."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        vocab_size=N_PIECES,
        model_type="unigram",
        user_defined_symbols=["[a]", "[b]"],
        required_chars="abcdefghijklmnopqrstuvwxyz'.,;:",
        hard_vocab_limit=False,
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def struck_out(text: str, rng: np.random.Generator) -> str:
    """Replace some words by one that has no meaning."""
    return re.sub(
        r"[a-z]+(?![\]a-z])", lambda m: "zq" if rng.random() < _STRUCK_OUT else m[0], text
    )


def batches(
    generator: Generator,
    vocabulary: sentencepiece.SentencePieceProcessor,
    rng: np.random.Generator,
    size: int,
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Draw new descriptions for ever, those of about the same length together.

    Yields:
        Pieces (size, longest), lengths (size,) and labels (size, n_parameters).
    """
    while True:
        examples = [generator.draw() for _ in range(_SORTED * size)]
        texts = [struck_out(normalised(e.text)[0], rng) for e in examples]
        rows = [
            torch.tensor(vocabulary.encode(text, enable_sampling=True, alpha=0.2, nbest_size=-1))
            for text in texts
        ]
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        for start in rng.permutation(_SORTED) * size:
            chosen = order[start : start + size]
            labels = torch.tensor([labels_of(examples[i].values) for i in chosen])
            padded = nn.utils.rnn.pad_sequence([rows[i] for i in chosen], batch_first=True)
            yield padded, torch.tensor([len(rows[i]) for i in chosen]), labels


def loss_of(scores: list[Tensor], labels: Tensor) -> Tensor:
    """Return the mean cross entropy of all parameters, "unsaid" counting less."""
    total = torch.zeros(())
    for i, options in enumerate(PARAMETERS.values()):
        weight = torch.ones(len(options))
        weight[0] = _UNSAID_WEIGHT
        total = total + nn.functional.cross_entropy(
            scores[i], labels[:, i], weight, label_smoothing=_SMOOTHING
        )
    return total / len(PARAMETERS)


def train(n_steps: int, seed: int, batch_size: int = 64) -> tuple[bytes, DirectorNetwork]:
    """Return the vocabulary and the trained network; the seed decides all."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    generator = Generator("train", seed)
    model = learn_vocabulary([normalised(generator.draw().text)[0] for _ in range(12_000)])
    vocabulary = sentencepiece.SentencePieceProcessor(model_proto=model)
    sentencepiece.set_random_generator_seed(seed)
    network = DirectorNetwork(DirectorConfig(vocabulary.get_piece_size())).train()
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, n_steps, pct_start=0.1)
    drawn = batches(generator, vocabulary, rng, batch_size)

    def take(_: int) -> dict[str, float]:
        pieces, lengths, labels = next(drawn)
        loss = loss_of(network(pieces, lengths), labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        return {"loss": float(loss.detach())}

    run_stage(_Place(), n_steps, take, _EVERY, label=f"seed {seed}")
    return model, network.eval()


def save(model: bytes, network: DirectorNetwork, folder: Path) -> None:
    """Write vocabulary and weights."""
    with atomic(folder / "director.model") as temporary:
        temporary.write_bytes(model)
    checkpoints.save(folder / "director.safetensors", network, card=_CARD, is_half=True)


def train_best(n_steps: int, seeds: list[int], folder: Path) -> None:
    """Train once per seed and write the training that the validation prefers."""
    best = -1.0
    for seed in seeds:
        model, network = train(n_steps, seed)
        vocabulary = sentencepiece.SentencePieceProcessor(model_proto=model)
        found = validate(Director(vocabulary, network))
        print(f"seed {seed}: {found:.1%} on the validation", flush=True)
        if found > best:
            best = found
            save(model, network, folder)


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1700)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--folder", type=Path, default=ASSETS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    train_best(given.steps, given.seeds, given.folder)


if __name__ == "__main__":
    main()
