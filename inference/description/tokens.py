"""Descriptions as the director reads them: persons as `[a]` and `[b]`, distances as numbers."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from ...core.errors import InputError

Pronoun = Literal["she", "he", "they"]

#: Longest description, characters: a few sentences, not a screenplay.
MAX_CHARACTERS = 1000

_FEMALE = (
    "she her hers herself woman girl lady female mother mom mum wife daughter sister girlfriend "
    "actress grandmother aunt queen"
).split()
_MALE = (
    "he him his himself man boy guy gentleman male father dad husband son brother boyfriend actor "
    "grandfather uncle king"
).split()
_CONTRACTIONS = (
    (r"\bcan't\b|\bcannot\b", "can not"),
    (r"\bwon't\b", "will not"),
    (r"n't\b", " not"),
    (r"\b(they|you|we)'re\b", r"\1 are"),
    (r"\b(they|you|we|i)'ve\b", r"\1 have"),
    (r"'ll\b", " will"),
    (r"'d\b", " would"),
    (
        r"\b(she|he|it|there|that|who|one|\[[ab]\])'s (?=\w+ing\b|not\b|a\b|an\b|the\b|in\b|on\b)",
        r"\1 is ",
    ),
    (r"\b(she|he|it|there|that|who)'s\b", r"\1 is"),
)
#: What somebody in a place may be: a person whose sex is open, or one whose sex is said.
_SOMEBODY = "one|person|character|speaker|head|figure"
_WHO = "|".join((_SOMEBODY, *_FEMALE, *_MALE))
_SIDED = (
    rf"(?:the )?{{side}}(?: hand)? (?:{_WHO})\b"
    r"|the {side}(?= (?:is|are|\w+s)\b)"
    rf"|(?:the )?(?:{_WHO}) (?:on|at|to) the {{side}}(?: hand)?(?: side)?\b"
)
_FIRST = rf"(?:the )?first (?:{_SOMEBODY})\b|(?:speaker|character|person|head) (?:1|one|a)\b"
_SECOND = rf"(?:the )?second (?:{_SOMEBODY})\b|(?:speaker|character|person|head) (?:2|two|b)\b"
_NUMBERS = {
    "half a": 0.5,
    "a": 1.0,
    "one": 1.0,
    "one and a half": 1.5,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "five": 5.0,
    "six": 6.0,
    "eight": 8.0,
    "ten": 10.0,
}
_METRES = {
    "m": 1.0,
    "met": 1.0,
    "cm": 0.01,
    "cent": 0.01,
    "f": 0.3048,
    "yard": 0.9144,
    "inch": 0.0254,
}
_NUMBER_WORDS = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_DISTANCE = re.compile(
    rf"(?:about |around |roughly )?\b(\d+(?:[.,]\d+)?|{_NUMBER_WORDS})"
    r"[ -]?(metres?|meters?|m|centimetres?|centimeters?|cm|feet|foot|ft|yards?|inches|inch)\b"
    r"(?! (?:taller|higher|tall|shorter|above|below))"
)


_SCENERY = re.compile(r"(there (is|are|was|were)|it (is )?(rain|snow|storm|thunder)\w*)\b")
_PEOPLE = re.compile(r"\[[ab]\]|\b(they|them|both|each other|between|people|two)\b")


@dataclass(frozen=True)
class Cast:
    """What a description may call the two characters."""

    names: tuple[str, str] = ("A", "B")
    pronouns: tuple[Pronoun, Pronoun] = ("she", "he")
    left: Literal["a", "b"] = "a"  #: who is on the left of the picture


def normalised(text: str, cast: Cast | None = None) -> tuple[str, float | None]:
    """Return the text as the network reads it, and a distance in metres if it gives one.

    Raises:
        InputError: the text is empty or too long.
    """
    if not text.strip():
        raise InputError(
            "There is no description; write what the two do, for instance "
            "'They sit side by side and she rarely looks at him'."
        )
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            f"The description has {len(text)} characters; use at most {MAX_CHARACTERS}."
        )
    cast = cast or Cast()
    text = _with_names(text.replace("\u2019", "'"), cast).lower()
    for pattern, plain in _CONTRACTIONS:
        text = re.sub(pattern, plain, text)
    text = re.sub(_FIRST, "[a]", text)
    text = re.sub(_SECOND, "[b]", text)
    text, cast = _with_sides(text, cast)
    text = _one_and_other(_with_pronouns(text, cast))
    text, distance_m = _without_distance(text)
    text = re.sub(r"(\[[ab]\])(?: is|'s)? own\b", r"\1", text)
    text = re.sub(r"(\[[ab]\])'s?(?= |$)", r"\1", text)
    text = re.sub(r"[-–—/]", " ", re.sub(r" [-–—]+ ", ", ", text))  # noqa: RUF001
    text = re.sub(r"[^a-z0-9\[\]' .,;:]", " ", text)
    text = re.sub(r"\b(the|an?) (?=\[[ab]\])", "", text)
    text = re.sub(r"\s*([.,;:])", r" \1", text)
    return re.sub(r"\s+", " ", text).strip(), distance_m


def clauses(text: str) -> list[str]:
    """Split a normalised text where one statement ends and another begins."""
    parts = re.split(
        r" ?[.,;:] ?| (?=(?:while|but|whereas|and \[[ab]\]|and they|who|as \[[ab]\]) )", text
    )
    return [part for part in (part.strip() for part in parts) if part]


def is_scenery(clause: str) -> bool:
    """Tell whether a clause of a normalised text says what is there besides the two people."""
    return bool(_SCENERY.match(clause)) and not _PEOPLE.search(clause)


def _with_names(text: str, cast: Cast) -> str:
    for name, token in zip(cast.names, ("[a]", "[b]"), strict=True):
        if name in ("A", "B"):
            continue  # handled below: "A" is also an article
        if name.strip():
            text = re.sub(rf"\b{re.escape(name.strip())}\b", token, text, flags=re.IGNORECASE)
    text = re.sub(r"\bB\b", "[b]", text)
    text = re.sub(r"(?<![.!?] )(?<!^)\bA\b", "[a]", text)
    # At the start of a sentence "A" is the person if a verb of the third person follows.
    return re.sub(
        r"\bA(?='s\b| (?:\w+ly )?(?:\w+s|and|never|often|just|also|then|should|will|can|may) )",
        "[a]",
        text,
    )


def _with_sides(text: str, cast: Cast) -> tuple[str, Cast]:
    """Name whoever is on the left or right; "the man on the left" says who "he" is, too."""
    right = "b" if cast.left == "a" else "a"
    for side, who in (("left", cast.left), ("right", right)):
        pattern = re.compile(_SIDED.format(side=side))
        for match in pattern.finditer(text):
            words = set(match[0].split())
            if words & {*_FEMALE, *_MALE}:
                is_she = bool(words & set(_FEMALE))
                pronouns: tuple[Pronoun, Pronoun] = ("she", "he")
                if is_she != (who == "a"):
                    pronouns = ("he", "she")
                cast = replace(cast, pronouns=pronouns)
        text = pattern.sub(f"[{who}]", text)
    return text, cast


def _with_pronouns(text: str, cast: Cast) -> str:
    tokens = dict(zip(cast.pronouns, ("[a]", "[b]"), strict=True))
    if cast.pronouns[0] == cast.pronouns[1]:
        return text  # the words tell them not apart
    for pronoun, words in (("she", _FEMALE), ("he", _MALE)):
        if pronoun in tokens:
            text = re.sub(rf"\b(?:{'|'.join(words)})\b", tokens[pronoun], text)
    return text


def _one_and_other(text: str) -> str:
    """Read "one of them ... the other" as the first and the second, if nobody else is named."""
    if "[a]" in text or "[b]" in text or not re.search(r"\bthe other\b", text):
        return text
    text = re.sub(
        r"\bone(?: of (?:them|the two)| person| character)?\b(?! another)", "[a]", text, count=1
    )
    return re.sub(r"(?<!each )\bthe other(?: one| person| character)?\b(?! \w+ of)", "[b]", text)


def _without_distance(text: str) -> tuple[str, float | None]:
    match = _DISTANCE.search(text)
    if match is None:
        return text, None
    number, unit = match.groups()
    value = _NUMBERS.get(number) or float(number.replace(",", "."))
    scale = next(
        size
        for start, size in sorted(_METRES.items(), key=lambda m: -len(m[0]))
        if unit.startswith(start)
    )
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    return re.sub(r" (?:apart|of distance|of space|from each other)\b", " ", rest), value * scale
