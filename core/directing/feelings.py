"""Moods that a description says: who feels what, how strongly and when, by words alone.

A feeling is a word of a list, a person that the clause is about, and words of time and degree. What
is found is taken out of the text, so that what reads the rest is not led astray by it.
"""

import re
from dataclasses import dataclass

from .clauses import by_clause

#: Slider -> amount, for each word that says it. Words that end in ~ stay in the text as well.
_WORDS: dict[str, dict[str, float]] = {
    r"angr(?:y|ily|ier)|furious(?:ly)?|enraged|fuming|outraged|in a rage|with rage|hostile|"
    r"aggressive(?:ly)?|mad(?! about)|scolds?|scolding|los(?:es|ing) (?:his|her|their|\[[ab]\]) "
    r"temper|bursts? out in anger|seeth(?:es|ing)|livid": {"angry": 1.0},
    r"annoyed|irritated|impatient(?:ly)?|cross(?= with)|grumpy|scowl(?:s|ing)?|glar(?:es|ing)|"
    r"frowns?|frowning|stern(?:ly)?|resentful(?:ly)?|offended|bitter(?:ly)?": {"angry": 0.55},
    r"sad(?:ly|der)?|unhapp(?:y|ily)|depressed|miserable|miserably|gloom(?:y|ily)|in tears|"
    r"close to tears|tearful(?:ly)?|cr(?:y|ies|ying)|weep(?:s|ing)?|sob(?:s|bing)?|heartbroken|"
    r"mourn(?:s|ing|ful(?:ly)?)?|griev(?:es|ing)|sorrowful(?:ly)?|devastated": {"sad": 1.0},
    r"disappointed|hurt|melanchol(?:y|ic)|wistful(?:ly)?|dejected|crestfallen|lonely": {"sad": 0.6},
    r"upset": {"sad": 0.6, "angry": 0.3},
    r"happ(?:y|ily|ier)|cheerful(?:ly)?|joyful(?:ly)?|delighted|overjoyed|laugh(?:s|ing)?|"
    r"grin(?:s|ning)?|beam(?:s|ing)|thrilled|in good spirits|merr(?:y|ily)|radiant": {"happy": 1.0},
    r"glad(?:ly)?|pleased|amused|smil(?:es|ing|e)|chuckl(?:es|ing)|content(?:ed)?": {"happy": 0.6},
    r"excited(?:ly)?|enthusiastic(?:ally)?|euphoric": {"happy": 0.6, "energy": 0.8},
    r"warm(?:ly)?|friendly|kind(?:ly)?|gent(?:le|ly)|tender(?:ly)?|affectionate(?:ly)?|"
    r"loving(?:ly)?|sympathetic(?:ally)?|caring|flirt(?:s|ing|y|atiously)?|in love": {"warm": 1.0},
    r"afraid|scared|frightened|fearful(?:ly)?|terrified|panick(?:s|ed|ing|y)|panics?|in fear|"
    r"horrified": {"afraid": 1.0},
    r"worried|intimidated|uneasy|uneasily|on edge|alarmed": {"afraid": 0.5},
    r"(?:nervous(?:ly)?|anxious(?:ly)?)~": {"afraid": 0.4, "energy": 0.2},
    r"disgusted|in disgust|with disgust|revolted|repulsed|repelled": {"disgusted": 1.0},
    r"contempt(?:uous(?:ly)?)?|sneer(?:s|ing)?|disdainful(?:ly)?": {"disgusted": 0.6},
    r"appalled": {"disgusted": 0.6, "surprised": 0.4},
    r"surprised|amazed|astonished|shocked|stunned|startled|taken aback|flabbergasted|"
    r"in disbelief|incredulous(?:ly)?|can not believe (?:it|what .*)": {"surprised": 1.0},
    r"thoughtful(?:ly)?|pensive(?:ly)?|lost in thought|ponder(?:s|ing)?|think(?:s|ing)(?: hard)?|"
    r"concentrat(?:es|ed|ing)|contemplat(?:es|ive|ing)": {"thoughtful": 1.0},
    r"puzzled|confused|doubtful(?:ly)?|doubts?|s[ck]eptical(?:ly)?|unsure|undecided|perplexed": {
        "thoughtful": 0.8
    },
    r"neutral|deadpan|expressionless|poker face|impassive(?:ly)?|emotionless|stone faced|"
    r"(?:a )?straight face|unmoved|cold(?:ly)?(?! shoulder)|calms? down|calming down|calmed down": {
        "neutral": 1.0
    },
    r"calm(?:ly)?(?! down)|relaxed|composed|serene(?:ly)?": {"neutral": 0.6},
    r"hat(?:es|ing)|loath(?:es|ing)|despis(?:es|ing)": {"angry": 0.7, "disgusted": 0.3},
    r"jealous(?:ly)?|envious(?:ly)?|pouts?|pouting|sulks?|sulking": {"angry": 0.4, "sad": 0.3},
    r"(?:embarrassed)~": {"sad": 0.4},
    r"(?:proud(?:ly)?)~": {"happy": 0.4},
    r"ashamed|guilty|remorseful(?:ly)?|sigh(?:s|ing)": {"sad": 0.5, "energy": -0.2},
    r"relieved|smug(?:ly)?|hopeful(?:ly)?": {"happy": 0.5},
    r"polite(?:ly)?(?! distance)|welcoming(?:ly)?": {"warm": 0.6},
    r"curious(?:ly)?|intrigued": {"thoughtful": 0.4, "surprised": 0.3},
    r"whisper(?:s|ing)?|in a whisper|under (?:his|her|their|\[[ab]\]) breath": {"energy": -0.8},
    r"murmur(?:s|ing)?|mumbl(?:es|ing)|mutter(?:s|ing)?|in a low voice|softly|quietly|"
    r"tired(?:ly)?|exhausted|sleepy|sleepily|bored|listless(?:ly)?|wear(?:y|ily)": {"energy": -0.6},
    r"shout(?:s|ing)?|yell(?:s|ing)?|scream(?:s|ing)?|at the top of (?:his|her|their|\[[ab]\]) "
    r"(?:lungs|voice)|hysterical(?:ly)?": {"energy": 1.0},
    r"livel(?:y|ily)|animated(?:ly)?|energetic(?:ally)?|agitated|excitable|loud(?:ly)?": {
        "energy": 0.7
    },
}
_FEELING = [(re.compile(rf"\b(?:{words.replace('~', '')})\b"), words, amounts)
            for words, amounts in _WORDS.items()]  # fmt: skip
_MORE, _LESS = 1.25, 0.5
_STRONG = re.compile(r"\b(very|really|extremely|so|utterly|completely|deeply|terribly|highly)\b")
_WEAK = re.compile(
    r"\b(a bit|a little(?: bit)?|slightly|somewhat|faintly|mildly|vaguely|almost|half)\b"
)
_NOT = re.compile(r"\b(not|never|no longer|stops?|without|hardly|nor|neither|less)\b")
#: When, as points of a line over the performance: share of its time, and share of the amount.
_WHEN: tuple[tuple[str, tuple[tuple[float, float], ...]], ...] = (
    (r"(?:right )?at first|(?:at|in) the (?:very )?(?:start|beginning)|initially|to begin with|"
     r"starts? (?:out|off)|begins?", ((0.0, 1.0), (0.35, 1.0), (0.5, 0.0))),
    (r"(?:at|in|by|towards?|until) the (?:very )?end|finally|in the last \w+|eventually|ends up",
     ((0.6, 0.0), (0.8, 1.0))),
    (r"halfway(?: through)?|in the middle|for a moment|briefly|for an instant",
     ((0.35, 0.0), (0.45, 1.0), (0.55, 1.0), (0.65, 0.0))),
    (r"suddenly|all of a sudden|abruptly|out of nowhere", ((0.5, 0.0), (0.52, 1.0))),
    (r"more and more|increasingly|gradually|slowly|little by little|over time|bit by bit|"
     r"steadily|(?:angr|sadd|happ)ier and (?:angr|sadd|happ)ier|sadder and sadder",
     ((0.0, 0.0), (0.95, 1.0))),
    (r"later(?: on)?|then|after that|afterwards|in the second half|gets?|becom(?:es|ing)|"
     r"getting|grow(?:s|ing)|turn(?:s|ing)(?! (?:to|away|towards))|calms|calm(?= down)|calming|"
     r"calmed",
     ((0.4, 0.0), (0.6, 1.0))),
)  # fmt: skip
_TIMES = [(re.compile(rf"\b(?:{words})\b"), points) for words, points in _WHEN]
_ALWAYS = ((0.0, 1.0),)
_PERSON = re.compile(r"\[([ab])\]")
_BOTH = re.compile(r"\b(?:they|both|everyone|everybody|the two|each)\b")
#: Somebody makes somebody feel something.
_CAUSED = re.compile(
    r"\b(?:mak(?:es|ing)|gets|leav(?:es|ing)|drives)(?: [a-z]+)? \[([ab])\] (?!is)"
)
_CUT = re.compile(
    r"( ?[.;:] ?| ?, ?| (?=(?:while|but|whereas|until|before|after which|and (?:then|later|finally|"
    r"suddenly)|then|and \[[ab]\]|and they|who|as \[[ab]\]|though|yet|also) ))"
)
#: A clause about a thing says nothing of people.
_THING = re.compile(r"(?:the|a|an|it|there|this|that)\b")
#: Words that say nothing once a feeling was taken out of a clause.
_EMPTY = frozenset(
    "[a] [b] a about all almost also an and are as at be been being but both by each end face feel "
    "feeling feels for from get gets getting grow growing grows have he her him his in into is it "
    "its itself just look looking looks more of on or other quite rather seem seems she so sound "
    "sounds speak speaking speaks talk talking talks that the their them then they this through to "
    "too two until very voice was were while who with word words expression mood way voice become "
    "becomes becoming turn turns turning say says saying something everything whole time keep "
    "keeps makes made stay stays start starts out off begin begins remain remains what when "
    "show shows".split()
)


@dataclass(frozen=True)
class Feeling:
    """A mood, or the energy, that a person is said to have."""

    person: str  #: "a" or "b"
    slider: str  #: a mood, or "energy"
    amount: float
    #: Share of the performance's time and of the amount; between the points it changes smoothly.
    course: tuple[tuple[float, float], ...] = _ALWAYS


def read(text: str) -> tuple[tuple[Feeling, ...], str]:
    """Return the feelings that a normalised text says, and the rest of the text.

    Args:
        text: with the persons as `[a]` and `[b]`, in lower case.
    """
    found: list[Feeling] = []
    subject = "ab"

    def of_clause(clause: str) -> str:
        nonlocal subject
        subject = _subject(clause, subject)
        here, left = _of_clause(clause, subject)
        found.extend(here)
        return left

    rest = by_clause(text, _CUT, of_clause)
    return tuple(_last_word(found)), rest


def _subject(clause: str, before: str) -> str:
    """Return whom a clause is about: "a", "b" or "ab"."""
    if re.search(r"\[([ab])\] and \[([ab])\]", clause) or _BOTH.search(clause):
        return "ab"
    people = _PERSON.findall(clause)
    return people[0] if people else before


def _of_clause(clause: str, subject: str) -> tuple[list[Feeling], str]:
    found: list[Feeling] = []
    left = clause
    if _THING.match(clause) and not _PERSON.search(clause) and not _BOTH.search(clause):
        return found, clause
    course = next((points for when, points in _TIMES if when.search(clause)), _ALWAYS)
    caused = _CAUSED.search(clause)
    who = caused[1] if caused else subject
    for pattern, words, amounts in _FEELING:
        match = pattern.search(clause)
        if match is None:
            continue
        before = clause[: match.start()]
        if "~" not in words:
            left = left.replace(match[0], " ", 1)
        if _NOT.search(" ".join(before.split()[-4:])):
            continue
        degree = _MORE if _STRONG.search(before) else _LESS if _WEAK.search(clause) else 1.0
        for slider, amount in amounts.items():
            strength = max(-1.0, min(1.0, round(degree * amount, 2)))
            found += [Feeling(person, slider, strength, course) for person in who]
    if left == clause:
        return found, clause
    for pattern in (_STRONG, _WEAK, _NOT, *(when for when, _ in _TIMES)):
        left = pattern.sub(" ", left)
    meant = [word for word in left.split() if word not in _EMPTY]
    return found, " ".join(left.split()) if meant else ""


def _last_word(found: list[Feeling]) -> list[Feeling]:
    """Let what is felt at first and all the time end where another mood of the person begins."""
    result: list[Feeling] = []
    for index, feeling in enumerate(found):
        later = [
            other for other in found[index + 1 :]
            if other.person == feeling.person and other.slider != feeling.slider
            and other.course[0][1] == 0.0 and "energy" not in (other.slider, feeling.slider)
        ]  # fmt: skip
        if later and feeling.course == _ALWAYS:
            begin = later[0].course
            fade = ((0.0, 1.0), (begin[0][0], 1.0), (begin[1][0], 0.0))
            feeling = Feeling(feeling.person, feeling.slider, feeling.amount, fade)
        result.append(feeling)
    return result
