"""Descriptions with their parameters, generated from the phrases in `phrases.tsv`.

A description is one to five clauses in sentence frames. Each split has phrases, frames and joins
of its own: those of "validation" choose between trainings, and those of "test" are only reported,
so that neither the wording of what is done nor the sentence around it was seen before.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from dualtalk.core.directing.description import PARAMETERS, UNSAID
from dualtalk.training.director.lexicon import SLOTS
from dualtalk.training.director.words import (
    DOUBLED,
    GROUPS,
    IDLE_ADJECTIVES,
    IDLE_NOUNS,
    IDLE_VERBS,
    NAMES,
    PAST,
    PLAIN_WORDS,
    POSTURE_WORDS,
    TEST_FRAMES,
    TEST_JOINS,
    TRAIN_FRAMES,
    TRAIN_JOINS,
    VALIDATION_FRAMES,
    VALIDATION_JOINS,
)

Split = Literal["train", "validation", "test"]
Who = Literal["a", "b", "both"]
PHRASES = Path(__file__).with_name("phrases.tsv")
FRAMES: dict[Split, tuple[str, ...]] = {
    "train": TRAIN_FRAMES,
    "validation": VALIDATION_FRAMES,
    "test": TEST_FRAMES,
}
JOINS: dict[Split, tuple[str, ...]] = {
    "train": TRAIN_JOINS,
    "validation": VALIDATION_JOINS,
    "test": TEST_JOINS,
}


@dataclass(frozen=True)
class Phrase:
    """One row of `phrases.tsv`."""

    kind: str
    values: dict[str, str]
    text: str


@dataclass(frozen=True)
class Example:
    """A description and what it sets; what is not listed is unsaid."""

    text: str
    values: dict[str, str] = field(default_factory=dict)


def read_phrases(split: Split) -> list[Phrase]:
    """Return the phrases of one split."""
    rows = [line.split("\t") for line in PHRASES.read_text("utf-8").splitlines()]
    return [
        Phrase(row[1], dict(label.split("=") for label in row[2].split()), row[3])
        for row in rows
        if row[0] == split
    ]


class Generator:
    """Draws descriptions; the same seed gives the same ones."""

    def __init__(self, split: Split, seed: int, wordings: Split | None = None) -> None:
        self.rng = np.random.default_rng(seed)
        self.split = split
        self.frames, self.joins = FRAMES[split], JOINS[split]
        by_kind: dict[str, dict[str, list[Phrase]]] = {}
        for phrase in read_phrases(wordings or split):
            label = " ".join(f"{k}={v}" for k, v in phrase.values.items())
            by_kind.setdefault(phrase.kind, {}).setdefault(label, []).append(phrase)
        self.by_kind = by_kind
        others = () if split != "train" else (read_phrases("validation"), read_phrases("test"))
        self.reserved = {phrase.text for phrases in others for phrase in phrases}

    def draw(self) -> Example:
        """Return one description in which no clause contradicts another."""
        values: dict[str, str] = {}
        clauses: list[str] = []
        for _ in range(self.rng.choice([1, 2, 3, 4, 5], p=[0.2, 0.3, 0.25, 0.15, 0.1])):
            text, said = self._clause(len(clauses))
            if any(values.get(name, value) != value for name, value in said.items()):
                continue
            if any(name in values for name in said):
                continue  # twice the same says nothing new
            values |= said
            clauses.append(text)
        text = clauses[0]
        for clause in clauses[1:]:
            text += self._one(self.joins) + clause
        return Example(self._sentence(text), values)

    def _sentence(self, text: str) -> str:
        """Write it as people do: with capitals and a full stop, or without."""
        if self.rng.random() < 0.7:
            text = re.sub(r"(^|\. )([a-z])", lambda m: m[1] + m[2].upper(), text) + "."
        return text

    def _one(self, options):  # type: ignore[no-untyped-def]
        return options[self.rng.integers(len(options))]

    def _phrase(self, *kinds: str) -> Phrase:
        """Draw a label first, so that values with few wordings come as often as others."""
        labels = [group for kind in kinds for group in self.by_kind.get(kind, {}).values()]
        phrase = self._one(self._one(labels))
        text = self._filled(phrase.text)
        while text in self.reserved:
            text = self._filled(phrase.text)
        return Phrase(phrase.kind, phrase.values, text)

    def _filled(self, text: str) -> str:
        """Choose a word for each slot; words may have slots themselves."""
        while "<" in text:
            text = re.sub(r"<(\w+)>", lambda match: self._one(SLOTS[match[1]]), text)
        return " ".join(text.split())

    def _clause(self, position: int) -> tuple[str, dict[str, str]]:
        draw = self.rng.random()
        if draw < (0.5 if position == 0 else 0.1):
            return self._placing()
        if (draw < 0.66 and position == 0) or draw < 0.25:
            return self._idle()
        if self.rng.random() < 0.12:
            phrase = self._phrase("B")
            return phrase.text, _spread(phrase.values, "both")
        who: Who = self._one(("a", "a", "b", "b", "both"))
        if self.rng.random() < 0.8:
            return self._framed(self._doubled(self._phrase("VP")), who)
        return self._framed(self._phrase("S"), "a" if who == "both" else who)

    def _doubled(self, phrase: Phrase) -> Phrase:
        """Sometimes let the same person do a second thing ("leans in and rarely looks at him")."""
        second = self._phrase("VP", "NVP")
        if self.rng.random() < 0.6 or set(second.values) & set(phrase.values):
            return phrase
        return Phrase("VP", phrase.values | second.values, f"{phrase.text} & {second.text}")

    def _idle(self) -> tuple[str, dict[str, str]]:
        if self.split == "train" and self.rng.random() < 0.4:
            return self._framed(self._made_up(), self._one(("a", "b", "both")))
        phrase = self._phrase("NVP", "NS")
        if phrase.kind == "NS":
            return phrase.text, {}
        return self._framed(phrase, self._one(("a", "b")))

    def _made_up(self) -> Phrase:
        """Return a phrase that means nothing to us, often in words of random syllables."""
        noun, verb = self._word(IDLE_NOUNS), self._word(IDLE_VERBS)
        kind, text = self._one(
            (
                ("NVP", f"~{verb}"),
                ("NVP", f"~{verb} the {noun}"),
                ("NVP", f"~{verb} {self._word(IDLE_ADJECTIVES)} {noun}s"),
                ("NVP", f"~{verb} {self._word(IDLE_ADJECTIVES)}ly"),
                ("NVP", f"~have a {noun}"),
                ("NVP", f"~be {self._word(IDLE_ADJECTIVES)}"),
                ("NS", f"the {noun} is {self._word(IDLE_ADJECTIVES)}"),
                ("NS", f"there is a {noun} in the {self._word(IDLE_NOUNS)}"),
                ("NS", f"{noun} and {self._word(IDLE_NOUNS)}"),
            )
        )
        return Phrase(kind, {}, text)

    def _word(self, known: list[str]) -> str:
        if self.rng.random() < 0.6:
            return str(self._one(known))
        letters = ("bcdfghjklmnprstvwz", "aeiou", "bdfgklmnprstz")
        n_syllables = int(self.rng.integers(1, 4))
        return "".join(self._one(group) for _ in range(n_syllables) for group in letters)

    def _placing(self) -> tuple[str, dict[str, str]]:
        if self.rng.random() < 0.25:
            phrase = self._phrase("SS")
            return phrase.text, _spread(phrase.values, "both")
        said: dict[str, str] = {}
        words: list[str] = []
        for _ in range(self._one((1, 1, 2))):
            phrase = self._phrase("PR")
            if not set(said) & set(phrase.values):
                said |= phrase.values
                words.append(phrase.text)
        posture = said.get("posture")
        is_implied = posture is not None
        if posture is None and self.rng.random() < 0.6:
            posture = said["posture"] = self._one(("sitting", "standing"))
        verbs = POSTURE_WORDS[posture] if posture and self.rng.random() < 0.9 else PLAIN_WORDS
        if posture and verbs is PLAIN_WORDS and not is_implied:
            del said["posture"]
        group = self._one((*GROUPS, ""))
        return " ".join(f"{group} {self._one(verbs)} {' '.join(words)}".split()), _spread(
            said, "both"
        )

    def _framed(self, phrase: Phrase, who: Who) -> tuple[str, dict[str, str]]:
        if who == "both" and (
            "higher" in phrase.values or ("{Y}" in phrase.text and "'s" in phrase.text)
        ):
            who = "a"
        subject, as_object, own, self_word = self._one(NAMES[who])
        other: Who = "both" if who == "both" else ("b" if who == "a" else "a")
        _, partner, partners, _ = self._one(NAMES[other])
        if who == "both":
            partner, partners = "each other", "each other's"
        plural = who == "both"
        text = phrase.text
        if phrase.kind in ("VP", "NVP"):
            frame = self._one(self.frames)
            form = re.search(r"\{V\|(\w+)\}", frame)[1]  # type: ignore[index]
            verbs = " and ".join(inflected(part, form, plural) for part in phrase.text.split(" & "))
            text = _agreeing(re.sub(r"\{V\|\w+\}", lambda _: verbs, frame), plural)
        else:
            text = inflected(text, "finite", plural)
        for mark, word in (
            ("{X}", subject),
            ("{O}", as_object),
            ("{Xs}", own),
            ("{self}", self_word),
            ("{Y}", partner),
            ("{Ys}", partners),
        ):
            text = text.replace(mark, word)
        return text, _spread(phrase.values, who)


def _agreeing(text: str, plural: bool) -> str:
    if not plural:
        return text
    for single, many in (
        ("{X} seems", "{X} seem"),
        ("{X} tends", "{X} tend"),
        ("{X} happens", "{X} happen"),
        ("{X} is", "{X} are"),
    ):
        text = text.replace(single, many)
    return text


def inflected(phrase: str, form: str, plural: bool) -> str:
    """Put the verbs marked with ~ into a form: base, finite, past, ing, bare or progressive."""
    is_first = True

    def one(match: re.Match[str]) -> str:
        nonlocal is_first
        verb, first = match[1], is_first
        is_first = False
        if form == "progressive" and verb not in ("be", "can", "will", "do", "have"):
            return (("are " if plural else "is ") if first else "") + _ing(verb)
        return _form(verb, "finite" if form == "progressive" else form, plural)

    return re.sub(r"~(\w+)", one, phrase)


def _form(verb: str, form: str, plural: bool) -> str:
    if verb in ("can", "will") and form in ("base", "ing", "bare"):
        return "be able to" if verb == "can" else "want to"
    if form == "base":
        return verb
    if form == "bare":  # notes leave out "is": "she nervous, he leaning in"
        return "" if verb == "be" else _ing(verb)
    if form == "ing":
        return _ing(verb)
    if form == "past":
        past = PAST.get(verb) or (verb + "d" if verb.endswith("e") else verb + "ed")
        return "were" if past == "was" and plural else past
    return _finite(verb, plural)


def _ing(verb: str) -> str:
    if verb in DOUBLED:
        return DOUBLED[verb]
    ends_in_e = verb.endswith("e") and not verb.endswith("ee") and verb != "be"
    return (verb[:-1] if ends_in_e else verb) + "ing"


def _finite(verb: str, plural: bool) -> str:
    if verb == "be":
        return "are" if plural else "is"
    if plural or verb in ("can", "will"):
        return verb
    if verb == "have":
        return "has"
    if verb.endswith(("s", "sh", "ch", "o", "x")):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


def _spread(values: dict[str, str], who: Who) -> dict[str, str]:
    """Name the parameters of a person or of both in full."""
    said: dict[str, str] = {}
    for name, value in values.items():
        if name == "higher":
            is_a = (value == "x") == (who == "a")
            said[name] = "a" if is_a else "b"
        elif name in PARAMETERS:
            said[name] = value
        else:
            people = ("a", "b") if who == "both" else (who,)
            said |= {f"{person}.{name}": value for person in people}
    return said


def labels_of(values: dict[str, str]) -> list[int]:
    """Return the index of the value of each parameter, `UNSAID` where none is given."""
    return [options.index(values.get(name, UNSAID)) for name, options in PARAMETERS.items()]
