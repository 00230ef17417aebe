"""Numbers as they are said."""

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_GROUPS = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"))
#: Longer numbers, and those that begin with 0, are said digit by digit.
_MOST_DIGITS = 12
#: Four digits of these years are said in pairs.
_YEARS = range(1100, 2000)


def spoken(digits: str, may_be_year: bool = True) -> list[str]:
    """Return the words of a number of plain digits: 1984 is nineteen eighty four."""
    if len(digits) > _MOST_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return [_SMALL[int(digit)] for digit in digits]
    value = int(digits)
    if may_be_year and value in _YEARS:
        century, rest = divmod(value, 100)
        if not rest:
            return [*_below_1000(century), "hundred"]
        return [*_below_1000(century), *(["oh"] if rest < 10 else []), *_below_1000(rest)]
    return _cardinal(value)


def _cardinal(value: int) -> list[str]:
    words: list[str] = []
    for size, name in _GROUPS:
        count, value = divmod(value, size)
        if count:
            words += [*_below_1000(count), name]
    return words + _below_1000(value) if value or not words else words


def _below_1000(value: int) -> list[str]:
    hundreds, rest = divmod(value, 100)
    words = [_SMALL[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        words.append(_TENS[rest // 10 - 2])
        rest %= 10
        return words + ([_SMALL[rest]] if rest else [])
    return words + ([_SMALL[rest]] if rest or not words else [])
