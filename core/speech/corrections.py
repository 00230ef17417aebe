"""Corrections of words, made again on words that were aligned anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ..errors import InputError
from .words import SHORTEST_S, Phone, SpokenWord, Words, with_text, with_word

#: Times are kept as single floats; less than this moved nothing, seconds.
_SAME_S = 2e-3
#: Edges of a word fit another saying of it that is no shorter and no longer than this.
_LEAST_RATIO, _MOST_RATIO = 0.65, 1.5


@dataclass(frozen=True)
class Again:
    """Words aligned anew, with what still fits of the corrections."""

    words: Words
    n_kept: int  #: corrections that were made again
    lost: tuple[str, ...]  #: those that were not, a sentence each


def again(aligned: Words, corrected: Words, new: Words) -> Again:
    """Make corrections again on words that were aligned anew.

    A word that was written or pronounced otherwise, cut at other times or removed is so again where
    the same word is said; one that was added is added beside the word that it stood beside.

    Args:
        aligned: as they were found before.
        corrected: what an animator made of them.
        new: as they are found now.
    """
    now_of, new_of = _by_time(aligned, corrected), _by_text(aligned, new)
    made: list[SpokenWord | None] = list(new)
    n_kept, lost = 0, []
    for index, old in enumerate(aligned):
        at = now_of.get(index)
        now = None if at is None else corrected[at]
        if now is not None and not _differs(old, now):
            continue
        if index not in new_of:
            lost.append(f"{old.text} is not said any more")
            continue
        fresh = new[new_of[index]]
        if now is None:
            made[new_of[index]] = None
        elif not _is_in(now, fresh, old):
            fitted = _fitted(old, now, fresh)
            if fitted is None:
                lost.append(f"{now.text} is said otherwise now: its edges were left as heard")
                continue
            made[new_of[index]] = fitted
        n_kept += 1
    words = _in_order([word for word in made if word is not None])
    for at in sorted(set(range(len(corrected))) - set(now_of.values())):
        try:
            shift = _shift(at, aligned, corrected, new, now_of, new_of)
            words = with_word(words, _moved(corrected[at], shift))
            n_kept += 1
        except InputError:
            lost.append(f"{corrected[at].text} was added where another word is said now")
    return Again(words, n_kept, tuple(lost))


def _by_time(aligned: Words, corrected: Words) -> dict[int, int]:
    """Return which corrected word each aligned one became: the one that shares most of its time."""
    found: dict[int, int] = {}
    taken: set[int] = set()
    first = 0
    for index, old in enumerate(aligned):
        while first < len(corrected) and corrected[first].end_s <= old.start_s:
            first += 1
        best, most = None, 0.0
        at = first
        while at < len(corrected) and corrected[at].start_s < old.end_s:
            one = corrected[at]
            shared = min(one.end_s, old.end_s) - max(one.start_s, old.start_s)
            shortest = min(one.end_s - one.start_s, old.end_s - old.start_s)
            if shared > most and shared >= 0.5 * shortest and at not in taken:
                best, most = at, shared
            at += 1
        if best is not None:
            found[index] = best
            taken.add(best)
    return found


def _by_text(aligned: Words, new: Words) -> dict[int, int]:
    """Return which new word each aligned one is, by the order of what is said."""
    old_texts, new_texts = ([_plain(word) for word in words] for words in (aligned, new))
    if old_texts == new_texts:
        return {index: index for index in range(len(aligned))}
    found: dict[int, int] = {}
    matcher = SequenceMatcher(None, old_texts, new_texts, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal" or (kind == "replace" and i2 - i1 == j2 - j1):
            found |= dict(zip(range(i1, i2), range(j1, j2), strict=True))
    return found


def _fitted(old: SpokenWord, now: SpokenWord, fresh: SpokenWord) -> SpokenWord | None:
    """Return a word that is said now, corrected as another saying of it was; None if it differs."""
    span, new_span = old.end_s - old.start_s, fresh.end_s - fresh.start_s
    has_other_phones = _names(now) != _names(old) or now.text != old.text
    if not _LEAST_RATIO <= new_span / max(span, SHORTEST_S) <= _MOST_RATIO:
        if not has_other_phones:
            return None
        return with_text([fresh], 0, now.text, _names(now))[0]
    ratio = new_span / max(span, SHORTEST_S)
    phones = tuple(
        Phone(
            p.name,
            max(0.0, fresh.start_s + (p.start_s - old.start_s) * ratio),
            max(0.0, fresh.start_s + (p.end_s - old.start_s) * ratio),
        )
        for p in now.phones
    )
    return replace(fresh, text=now.text, phones=phones, fit=now.fit)


def _in_order(words: Sequence[SpokenWord]) -> Words:
    """Return words of which none begins before the one before has ended."""
    kept: list[SpokenWord] = []
    for word in words:
        if kept and word.start_s < kept[-1].end_s:
            last = kept[-1].phones[-1]
            edge = max(word.start_s, last.start_s + SHORTEST_S)
            kept[-1] = replace(kept[-1], phones=(*kept[-1].phones[:-1], replace(last, end_s=edge)))
            phones = [
                replace(p, start_s=max(p.start_s, edge), end_s=max(p.end_s, edge))
                for p in word.phones
            ]
            word = replace(word, phones=tuple(phones))
        kept.append(word)
    return tuple(kept)


def _shift(
    at: int,
    aligned: Words,
    corrected: Words,
    new: Words,
    now_of: dict[int, int],
    new_of: dict[int, int],
) -> float:
    """Return by how much the word beside an added one is said later now, seconds."""
    time = corrected[at].start_s
    beside = [index for index in now_of if index in new_of]
    if not beside:
        return 0.0
    nearest = min(beside, key=lambda index: abs(aligned[index].end_s - time))
    return new[new_of[nearest]].end_s - aligned[nearest].end_s


def _moved(word: SpokenWord, seconds: float) -> SpokenWord:
    if word.start_s + seconds < 0:
        raise InputError(f"{word.text} would be said before the sound begins.")
    phones = [replace(p, start_s=p.start_s + seconds, end_s=p.end_s + seconds) for p in word.phones]
    return replace(word, phones=tuple(phones))


def _differs(old: SpokenWord, now: SpokenWord) -> bool:
    if now.text != old.text or _names(now) != _names(old):
        return True
    return any(
        abs(a.start_s - b.start_s) > _SAME_S or abs(a.end_s - b.end_s) > _SAME_S
        for a, b in zip(old.phones, now.phones, strict=True)
    )


def _is_in(now: SpokenWord, fresh: SpokenWord, old: SpokenWord) -> bool:
    """Tell whether a transcript has a correction already: the word is written so by now."""
    return now.text != old.text and _plain(now) == _plain(fresh) and _names(now) == _names(fresh)


def _plain(word: SpokenWord) -> str:
    return "".join(letter for letter in word.text.lower() if letter.isalnum())


def _names(word: SpokenWord) -> list[str]:
    return [phone.name for phone in word.phones]
