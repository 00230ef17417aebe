"""Parts of a sentence, each read on its own, and put together again as they were."""

import re
from collections.abc import Callable


def by_clause(text: str, cut: re.Pattern[str], read: Callable[[str], str]) -> str:
    """Return a text of which a reader has taken parts out, clause by clause.

    Args:
        text: normalised.
        cut: where a clause ends, as one group.
        read: returns what it leaves of a clause, which is dropped if that is nothing.
    """
    pieces = cut.split(text)
    kept = ""
    for index in range(0, len(pieces), 2):
        clause = pieces[index].strip()
        if not clause:
            continue
        left = read(clause)
        if left:
            joint = pieces[index - 1] if index and kept else ""
            kept += (joint or (" , " if kept else "")) + left
    return re.sub(r"\s+", " ", kept).strip()
