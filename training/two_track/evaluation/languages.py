"""Lips on other languages than English: `python -m training.two_track.evaluation.languages`.

espeak-ng's voices say sentences whose times are exact; p, b and m are labial closures in all of
these languages. Synthetic voices alone: no real sample of another language is at hand. Writes
its table into docs/languages.md.
"""

import argparse
from pathlib import Path

import torch
from dualtalk.inference import checkpoints
from dualtalk.inference.two_track.predict import PredictOptions, predict_both
from dualtalk.training.speech.espeak import Espeak
from dualtalk.training.two_track.evaluation import articulation, conditions, measure

#: Sentences of our own, as many labial closures in each language as come by themselves.
SENTENCES = {
    "English": (
        "en-us",
        "My brother bought a pair of boots for the mountain.",
        "Perhaps we can begin the meeting before lunch.",
        "Nobody remembers what happened to the big map.",
        "The baker put plum jam on the warm bread.",
    ),
    "German": (
        "de",
        "Mein Bruder braucht morgen bitte ein paar neue Bücher.",
        "Am Bahnhof haben wir beim Bäcker Brot bekommen.",
        "Der Papa und die Mama machen im Sommer keine Pause.",
        "Vielleicht beginnt die Probe später als am Montag.",
    ),
    "French": (
        "fr",
        "Mon ami a mis une pomme et du pain dans la boîte.",
        "Le bateau part demain avec beaucoup de bagages.",
        "Je ne comprends pas comment le problème a commencé.",
        "Papa boit un bol de lait pendant le petit déjeuner.",
    ),
    "Spanish": (
        "es",
        "Mi abuela compra pan y mermelada en el mercado.",
        "El pueblo empieza a despertar por la mañana.",
        "Pablo busca un mapa para el camino a la montaña.",
        "También podemos comer un poco de pescado más tarde.",
    ),
}
VARIANTS = ("+f2", "+m3")
_HEADER = (
    "| language | lips closed on p, b, m, AUC | F1 | p, b, m closed, % |\n| --- | --- | --- | --- |"
)


def row(language: str, checkpoint: checkpoints.Checkpoint) -> str:
    """Return the table's row of one language."""
    voice, *sentences = SENTENCES[language]
    espeak = Espeak()
    utterances = [
        conditions.after_silence(espeak.speak(text, voice + variant, 155, 50, 50))
        for variant in VARIANTS
        for text in sentences
    ]
    options = PredictOptions(device="cpu")
    motions = [predict_both(measure.alone(u.sound), checkpoint, options)[0] for u in utterances]
    lips = articulation.lips_of(motions, utterances)
    cells = (lips.auc.text(), lips.f1.text(), lips.closed_share.text(0, 100))
    return f"| {language} | " + " | ".join(cells) + " |"


def main() -> None:
    """Measure and write docs/languages.md between its marks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("docs/languages.md"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    checkpoint = checkpoints.load(checkpoints.bundled_path())
    rows = [_HEADER, *(row(language, checkpoint) for language in SENTENCES)]
    text = options.output.read_text(encoding="utf-8")
    begin, end = "<!-- measured -->\n", "<!-- end -->"
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    options.output.write_text(head + begin + "\n".join(rows) + "\n" + end + tail, "utf-8")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
