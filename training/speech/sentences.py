"""What the synthetic voices say: phrases of conversation, and words by how common they are."""

from functools import cache

import numpy as np
import pocketsphinx
from numpy.random import Generator
from numpy.typing import NDArray

#: Said by someone who listens (Yngve 1970, back-channels).
BACK_CHANNELS: tuple[str, ...] = (
    *("yeah.", "right.", "okay.", "mm.", "oh.", "sure.", "yes.", "really?", "I see.", "uh huh."),
    *("oh wow.", "of course.", "no way.", "exactly.", "hmm.", "got it.", "that's true."),
)

#: `*` is filled with words by frequency.
_FRAMES: tuple[str, ...] = (
    *("I think * is *.", "do you remember * *?", "well, * * * and then * *.", "* * * * *."),
    *("so maybe we should * * *.", "my * always said * *.", "it was * but * * *, you know."),
    *("no, I mean * * *.", "what about * *?", "because * * * *.", "people * * more than * *."),
    *("we were * by the *, and * *.", "but * * * never * *.", "* * * * * * *."),
    *("he * * * * before * *.", "she * * from * *, I * *.", "have you * * *?", "* *!"),
    *("they * * * in the * of * * *.", "please * * *, or * *.", "why would * * *?", "* * *, *."),
)
#: Bilabials and labiodentals are what the eye checks first: words with them come more often.
_VISIBLE_PHONES = frozenset("PBMFVW")
_VISIBLE_WEIGHT = 1.6


def sentence(generator: Generator) -> str:
    """Return one sentence; the same generator gives the same sentences."""
    words, weights = _vocabulary()
    frame = _FRAMES[generator.integers(len(_FRAMES))]
    blanks = frame.count("*")
    chosen = iter(generator.choice(words, size=blanks, p=weights))
    return "".join(str(next(chosen)) if c == "*" else c for c in frame)


@cache
def _vocabulary() -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """Return the words of the pronouncing dictionary and how often to draw each.

    Probabilities are those of pocketsphinx's language model to the power 0.6, so that common
    words do not crowd out the rest.
    """
    decoder = pocketsphinx.Decoder(samprate=16_000, loglevel="FATAL")
    model, logs = decoder.get_lm("_default"), decoder.get_logmath()
    words, weights = [], []
    with open(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")) as file:
        for line in file:
            word, *phones = line.split()
            if not word.isalpha() or len(word) < 2:
                continue
            logarithm = logs.log_to_ln(model.prob([word]))
            if logarithm < -13.5:  # rarer than one in a million: names and misspellings
                continue
            visible = any(phone in _VISIBLE_PHONES for phone in phones)
            words.append(word)
            weights.append(np.exp(0.6 * logarithm) * (_VISIBLE_WEIGHT if visible else 1.0))
    total = np.array(weights)
    return np.array(words), total / total.sum()
