"""Make `assets/pronouncing.txt.gz`: `python -m training.speech.words.lexicon`.

Letters are aligned to phones by expectation maximisation (the 1-to-2 alignments of Black, Lenzo &
Pagel 1998, "Issues in building general letter to sound rules"); a rule is kept where a longer
context says something else than the shorter one, and a word where the rules get it wrong. The
words are those of the CMU Pronouncing Dictionary (BSD, Copyright 1993-2015 Carnegie Mellon
University) in pocketsphinx's wheel.
"""

import argparse
import gzip
import logging
import math
import re
from collections import Counter, defaultdict
from pathlib import Path

import pocketsphinx
from dualtalk.core.files import atomic
from dualtalk.core.speech.phones import PHONES
from dualtalk.core.speech.pronouncing import CODES, FILE, Phones, by_rules, contexts

_log = logging.getLogger(__name__)
_DICTIONARY = "en-us/cmudict-en-us.dict"
_ROUNDS = 5
#: A letter that sounds like two phones ("x") is rarer than any count says at first.
_TWO_PHONES, _UNKNOWN = -2.0, -14.0
#: One word in so many is kept apart to measure the rules.
_TESTED_EVERY = 20
#: Rules are learned from so many words that need them.
_LEAST = 3
_NEVER = -1e18

Words = dict[str, Phones]
Odds = dict[tuple[str, Phones], float]


def dictionary() -> Words:
    """Return the first pronunciation of each word of plain letters, and the names of letters."""
    path = Path(pocketsphinx.get_model_path(_DICTIONARY))
    rows = (line.split() for line in path.read_text().splitlines())
    return {word: tuple(phones) for word, *phones in rows if re.fullmatch(r"[a-z'.]+", word)}


def aligned(words: Words) -> dict[str, list[Phones]]:
    """Return which phones, none to two, each letter of a word makes."""
    kept = {word: phones for word, phones in words.items() if len(phones) <= 2 * len(word)}
    odds = _odds(_near_letters(kept))
    found: dict[str, list[Phones]] = {}
    for turn in range(_ROUNDS):
        sample = list(kept)[:: 1 if turn == _ROUNDS - 1 else 5]
        found = {word: _best(word, kept[word], odds) for word in sample}
        pairs = (pair for word in sample for pair in zip(word, found[word], strict=True))
        odds = _odds(Counter(pairs))
    return found


def rules_of(letters: dict[str, list[Phones]], least: int = _LEAST) -> dict[str, Phones]:
    """Return the rules that aligned words need."""
    counts: dict[str, Counter[Phones]] = defaultdict(Counter)
    for word, made in letters.items():
        for index, phones in enumerate(made):
            for key in contexts(word, index):
                counts[key][phones] += 1
    rules: dict[str, Phones] = {}
    said: dict[str, Phones] = {}  # by every context that was met
    for word in letters:
        for index in range(len(word)):
            shorter: Phones | None = None
            for key in contexts(word, index):
                if key not in said:
                    best, n = counts[key].most_common(1)[0]
                    gain = n - (0 if shorter is None else counts[key][shorter])
                    is_rule = shorter is None or (best != shorter and gain >= least)
                    said[key] = best if is_rule or shorter is None else shorter
                    if is_rule:
                        rules[key] = best
                shorter = said[key]
    return rules


def measured(letters: dict[str, list[Phones]], words: Words) -> tuple[float, float]:
    """Return the share of wrong phones, and of right words, on words that rules never saw."""
    apart = sorted(letters)[::_TESTED_EVERY]
    rules = rules_of({w: made for w, made in letters.items() if w not in set(apart)})
    guesses = {word: by_rules(word, rules) for word in apart}
    wrong = sum(_distance(guess, words[word]) for word, guess in guesses.items())
    right = sum(guess == words[word] for word, guess in guesses.items())
    return wrong / sum(len(words[word]) for word in apart), right / len(apart)


def _near_letters(words: Words) -> Counter[tuple[str, Phones]]:
    counts: Counter[tuple[str, Phones]] = Counter()
    for word, phones in list(words.items())[::5]:
        for index, letter in enumerate(word):
            at = index * len(phones) // len(word)
            counts[letter, ()] += 1
            counts.update((letter, (phone,)) for phone in phones[max(0, at - 1) : at + 2])
    return counts


def _odds(counts: Counter[tuple[str, Phones]]) -> Odds:
    totals: Counter[str] = Counter()
    for (letter, _), n in counts.items():
        totals[letter] += n
    return {
        (letter, phones): math.log(n / totals[letter]) + _TWO_PHONES * (len(phones) == 2)
        for (letter, phones), n in counts.items()
    }


def _best(word: str, phones: Phones, odds: Odds) -> list[Phones]:
    n, m = len(word), len(phones)
    best = [[_NEVER] * (m + 1) for _ in range(n + 1)]
    taken = [[0] * (m + 1) for _ in range(n + 1)]
    best[0][0] = 0.0
    for i, letter in enumerate(word):
        for j in range(max(0, m - 2 * (n - i)), min(m, 2 * i) + 1):
            for k in range(min(2, m - j) + 1):
                score = best[i][j] + odds.get((letter, phones[j : j + k]), _UNKNOWN)
                if score > best[i + 1][j + k]:
                    best[i + 1][j + k], taken[i + 1][j + k] = score, k
    made, j = [], m
    for i in range(n, 0, -1):
        made.append(phones[j - taken[i][j] : j])
        j -= taken[i][j]
    return made[::-1]


def _distance(one: Phones, other: Phones) -> int:
    """Count the insertions, deletions and replacements between two pronunciations."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last = [i]
        for j, b in enumerate(other, 1):
            last.append(min(row[j] + 1, last[-1] + 1, row[j - 1] + (a != b)))
        row = last
    return row[-1]


def main() -> None:
    """Learn the rules, measure them, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=FILE)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    words = dictionary()
    letters = aligned({word: phones for word, phones in words.items() if "." not in word})
    wrong, right = measured(letters, words)
    _log.info("words never seen: %.1f %% of phones wrong, %.1f %% right", 100 * wrong, 100 * right)
    rules = rules_of(letters)
    wanted = {w: p for w, p in words.items() if "." not in w or re.fullmatch(r"[a-z]\.", w)}
    others = {word: phones for word, phones in wanted.items() if by_rules(word, rules) != phones}
    _log.info("%d words: %d rules and %d words", len(wanted), len(rules), len(others))
    code = {phone: letter for letter, phone in CODES.items()}
    assert set(code) == set(PHONES)
    tables = [
        "\n".join(f"{key}\t{''.join(code[p] for p in row)}" for key, row in sorted(table.items()))
        for table in (rules, others)
    ]
    with atomic(options.output) as temporary:
        temporary.write_bytes(gzip.compress("\n\n".join(tables).encode(), mtime=0))


if __name__ == "__main__":
    main()
