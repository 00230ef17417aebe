"""What animators write of looks, where a reader that learned from made-up sentences goes wrong.

"Keeps looking away" holds "keeps" and "looking", which mostly stand for looking a lot. Here whole
phrases count; what is found is taken out of the text.
"""

import re

from .clauses import by_clause

_EYES = r"(?:\[[ab]\](?: \w+)? |[ab] |their |his |her )?(?:eyes?|gaze|eye contact|look|looks|stare)"
_PLACES = r"(?:floor|ground|table|feet|hands|shoes|phone|cup|ceiling|window|door|wall|distance|sky)"
_PHRASES: tuple[tuple[str, str], ...] = (
    # Later phrases are only tried on what earlier ones left.
    (r"(?:neither(?: of (?:them|the two))?|without(?: ever)?) look(?:s|ing)? away(?: once)?",
     "always"),
    (r"(?:eyes?|gaze) (?:is |are |stays? |remains? )?(?:fixed|glued|locked|trained|riveted)"
     r" (?:on|to) (?:\[[ab]\]|each other)(?: face| eyes)?", "always"),
    (r"(?:never|does not|do not|can not|without ever) (?:once )?(?:look(?:s|ing)?|glanc(?:es?|ing)|"
     r"tak(?:es?|ing) \[?[ab]?\]? ?eyes?) (?:away|off|elsewhere)(?: \[[ab]\])?", "always"),
    (r"(?:can not|does not|do not|never) (?:take|takes|tear) (?:\[[ab]\] |his |her |their )?eyes? "
     r"(?:off|away)(?: from)?(?: \[[ab]\]| each other)?", "always"),
    (rf"(?:keeps?|keeping|takes?|taking) (?:{_EYES}|eyes) off \[[ab]\]", "rarely"),
    (r"(?:keeps?|kept|constantly|always|often|repeatedly|continually) (?:on )?(?:look(?:s|ing)|"
     r"glanc(?:es|ing)|turn(?:s|ing)|star(?:es|ing)) (?:\[[ab]\] )?(?:away|elsewhere|aside|"
     r"somewhere else|past \[[ab]\])(?: from \[[ab]\])?(?: all the time)?", "rarely"),
    (r"(?:look(?:s|ing)|star(?:es|ing)|gaz(?:es|ing)) (?:away|elsewhere|aside|past \[[ab]\])"
     r"(?: from \[[ab]\])?(?: (?:all the time|the whole time|throughout|most of the time))?",
     "rarely"),
    (r"(?:avoids?|avoiding|shuns?|evades?|dodges?|ducks?|breaks? off|escapes?) (?:all )?"
     rf"(?:{_EYES}|looking(?: at)?(?: \[[ab]\])?|\[[ab]\])(?: with \[[ab]\])?", "rarely"),
    (r"(?:can not|does not|do not|will not|never|refuses? to|hardly dares? to|barely|scarcely|"
     rf"hardly(?: ever)?) (?:meets?|looks?|returns?|holds?) (?:{_EYES}|"
     rf"(?:at )?\[[ab]\](?: in the eyes?)?)", "rarely"),
    (rf"(?:look(?:s|ing)|star(?:es|ing)|gaz(?:es|ing)) (?:down |out |up |off )?(?:at|to|into|onto|"
     rf"out of|through)? ?(?:the |their |his |her |\[[ab]\] )?{_PLACES}", "rarely"),
    (r"(?:eyes?|gaze) (?:is |are |stays? |remains? )?(?:fixed|cast|lowered|glued|turned)"
     rf" (?:down )?(?:on|to|at|towards) (?:the |their |his |her )?{_PLACES}\b", "rarely"),
    (r"(?:eyes?|gaze) (?:is |are |stays? |remains? )?(?:cast down|lowered|downcast)", "rarely"),
    (r"(?:only )?(?:glanc(?:es|ing)|look(?:s|ing)|peek(?:s|ing)?) (?:(?:at|over to|up at) )?"
     r"(?:\[[ab]\] )?(?:only )?(?:now and then|once in a while|from time to time|occasionally|"
     r"sometimes|briefly|for a second)", "rarely"),
    (r"(?:holds?|holding|keeps?|keeping|seeks?|maintains?|locks?) (?:\[[ab]\] )?(?:eye contact|"
     r"gaze|eyes?)(?: (?:with|on|fixed on|locked on) \[[ab]\])?", "always"),
    (r"look(?:s|ing) \[[ab]\] (?:straight |right |firmly )?in(?:to)? the eyes?", "always"),
    (r"(?:keeps?|kept|does not stop|never stops|will not stop) (?:looking|staring|gazing) "
     r"(?:straight |right |back )?at \[[ab]\](?: all the time| the whole time)?", "always"),
    (r"(?:star(?:es|ing)|gaz(?:es|ing)) (?:straight |right |hard |intently )?(?:at|into) \[[ab]\]"
     r"(?: eyes?)?(?: all the time| the whole time| throughout)?", "always"),
)  # fmt: skip
_PATTERNS = [(re.compile(rf"\b{phrase}"), value) for phrase, value in _PHRASES]
_PEOPLE = re.compile(
    r"\[([ab])\](?! and \[)|\[[ab]\] and \[[ab]\]|\b(?:they|both|neither|the two)\b"
)
_CUT = re.compile(
    r"( ?[.;:,] ?| (?=(?:while|but|whereas|and \[[ab]\]|and they|who|as \[[ab]\]|though|yet|"
    r"also) ))"
)


def read(text: str) -> tuple[dict[str, str], str]:
    """Return the gaze of each person ("a.gaze": "rarely" or "always") and the rest of the text.

    Args:
        text: normalised, with the persons as `[a]` and `[b]`.
    """
    found: dict[str, str] = {}
    subject = ""

    def of_clause(clause: str) -> str:
        nonlocal subject
        people, earlier = _people(clause), subject
        subject = people[0] if people else subject
        left = clause
        for pattern, value in _PATTERNS:
            match = pattern.search(left)
            if match is None:
                continue
            before = _people(
                left[: match.end() if match[0].startswith("neither") else match.start()]
            )
            who = before[-1] if before else earlier or subject
            found.update({f"{person}.gaze": value for person in who})
            left = f"{left[: match.start()]} {left[match.end() :]}"
        if left == clause:
            return clause
        return " ".join(left.split()) if set(left.split()) - _EMPTY else ""

    rest = by_clause(text, _CUT, of_clause)
    return found, rest


def _people(text: str) -> list[str]:
    """Return whom a text names, in order: "a", "b" or "ab"."""
    return ["ab" if match[1] is None else match[1] for match in _PEOPLE.finditer(text)]


_EMPTY = frozenset(
    "[a] [b] a and are as at but be both each from he her him his in is of other she the their "
    "them they then to while who all time with on just only still look looks looking".split()
)
