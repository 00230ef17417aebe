"""The bundled checkpoint's card, assets/dualtalk.md, written from what was measured."""

from typing import Any

from dualtalk.training.two_track.evaluation import report

_CARD = """# dualtalk.safetensors

The network that comes with DualTalk: two tracks of speech in, two faces out (40 ARKit shapes, jaw,
head, eyes; 25 frames per second). {parameters:.1f} million parameters of its own, kept in half
precision and run in float32 on any CPU. It uses the first four layers of **Moonshine
tiny**'s encoder too (moonshine.safetensors, 7 MB; frozen).

- **Made by** `python -m training.two_track.train --config training/two_track/configs/bundled.toml`,
  seed {seed}, in one sitting (docs/training.md).
- **Learned from** speech of espeak-ng made for it, whose phones are exact; 10 s each of people from
  LibriSpeech train-clean-100 (Panayotov, Chen, Povey & Khudanpur 2015, SLR12 at OpenSLR, CC BY
  4.0); single speakers in meetings of the AMI corpus (Carletta 2007, CC BY 4.0). pocketsphinx
  aligned people's phones. Faces come from rules (dominance functions; published rates of blinks,
  gaze and nods), not from recorded people.
  Heard: {sources}.
- **License** GPL-3.0-or-later, as the rest of DualTalk; Moonshine's encoder: MIT, Copyright (c)
  2025 Moonshine AI (Jeffries et al. 2024, arXiv 2410.15608), see moonshine.md.

| measured on what it did not learn from (docs/quality.md) | |
| --- | --- |
{rows}

It speaks English best: other languages were not trained (docs/languages.md measures three).
Expression follows rules and chance, not what is said. Very loud music or several voices in one
track open the mouth wrongly.
"""


def text(numbers: dict[str, Any], n_parameters: int, made: dict[str, str]) -> str:
    """Return the checkpoint's card, assets/dualtalk.md.

    Args:
        numbers: of `training.two_track.evaluation.evaluate`.
        n_parameters: of the network.
        made: what the file's metadata says of how it was made.
    """
    clean, synthetic = numbers["reading"]["clean"], numbers["synthetic"]
    jaw = numbers["clip"]["jaw"]
    rows = {
        "jaw on a real conversation, r at the best lag, network alone": jaw[report.RAW]["best"],
        "the same of the RMS envelope in dB": jaw["RMS envelope in dB"]["best"],
        "jaw on real reading, r": clean["jaw"],
        "closure of P, B, M that is heard on real reading, AUC": clean["heard_auc"],
        "the same, F1": clean["heard_f1"],
        "closure by the lips on real reading, F1": clean["f1"],
        "closure that is heard of held-out readers, F1": numbers["held_out"]["heard_f1"],
        "P, B, M that close, real reading": clean["closed_share"],
        "P, B, M that close, unseen synthetic voices": synthetic["closed_share"],
    }
    lines = "\n".join(f"| {name} | {value.text()} |" for name, value in rows.items())
    seed, sources = made.get("seed", "unknown"), made.get("sources", "unknown")
    return _CARD.format(parameters=n_parameters / 1e6, seed=seed, sources=sources, rows=lines)
