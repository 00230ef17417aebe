"""The scene filter: exactly two faces, in one picture that is no card (`footage/layout.py`)."""

import numpy as np

from ..options import DEFAULTS, Options
from ..verdicts import Reason
from .tracks import Seen, Track

#: Somebody who is seen in less than this share of a shot passes by, and is nobody of it.
_PASSES_BY = 0.1


def people_of(seen: Seen) -> list[Track]:
    """Return who is in a shot for more than a moment, those seen longest first."""
    return [t for t in seen.tracks if t.n_seen > _PASSES_BY * max(seen.n_frames, 1)]


def reasons(seen: Seen, options: Options = DEFAULTS) -> list[Reason]:
    """Return why the faces of a shot are not those of two people."""
    usual = int(np.median(seen.counts)) if seen.counts else 0
    n_people = len(people_of(seen))
    if n_people == 0:
        return [Reason("scene", "no_face")]
    if n_people == 1:
        return [Reason("scene", "one_face")]
    if n_people > 2 or usual > 2:
        return [Reason("scene", "many_faces", {"faces": max(n_people, usual)})]
    found = []
    for who, each in zip("AB", people_of(seen), strict=True):
        share = each.n_seen / max(seen.n_frames, 1)
        if share < options.least_usable:
            found.append(Reason("tracks", "lost_face", {"who": who, "seen": round(share, 2)}))
    return found
