"""When each phone of a known text is said: the best path through them (Viterbi 1967).

The text is a chain of states, a phone each, with a gap between words that may be left out. What the
audio encoder gives for each phone in each frame is what a state costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .phones import PHONE_INDEX, SILENCE

Scores = NDArray[np.float32]
#: Frames per second of the encoder's phones.
PHONE_FPS = 50
#: Edges are heard so much late: the network learned each frame's phone 5 ms after the frame begins,
#: and readers for choosing say the same.
_LATE_S = 0.005
#: A sound that is of no word (a laugh, a word that is missing) costs this much more than its own
#: phone, natural logarithm per frame; chosen on readers for choosing, all of whose words are said.
_OTHER_COST = 4.0
#: States that are followed around the best one: a minute or two of speech.
_N_FOLLOWED = 1500
_NEVER = np.float32(-1e30)
#: Fit of a phone without a frame, natural logarithm.
_LOST = -20.0


@dataclass(frozen=True)
class Span:
    """A phone, or a whole word, in time."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class Said:
    """A word where it is said."""

    phones: tuple[Span, ...]  #: as many as the word has
    fit: float  #: how well the sound fits, 0 to 1: mean probability of its phones beside the best

    @property
    def span(self) -> Span:
        """From the first phone's start to the last one's end."""
        return Span(self.phones[0].start_s, self.phones[-1].end_s)


def align(logarithms: Scores, words: Sequence[Sequence[str]], start_s: float = 0.0) -> list[Said]:
    """Find when words are said.

    Args:
        logarithms: (n_frames, n_phones) of the phones' probabilities, at `PHONE_FPS`.
        words: the phones of each word, at least one.
        start_s: when the first frame is, seconds.

    Returns:
        As many as words; nothing if there are more phones than frames.
    """
    chain, of_word = _chain(words)
    is_gap = of_word < 0
    if int((~is_gap).sum()) > len(logarithms):
        return []
    gaps = np.maximum(logarithms[:, PHONE_INDEX[SILENCE]], logarithms.max(axis=1) - _OTHER_COST)
    costs = np.concatenate([logarithms, gaps[:, None]], axis=1)  # the last column: a gap
    path = _path(costs, np.where(is_gap, logarithms.shape[1], chain), is_gap)
    return _said(costs, path, chain, of_word, start_s)


def _chain(words: Sequence[Sequence[str]]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the phone of each state and the word that it is of, -1 for a gap."""
    chain, of_word = [PHONE_INDEX[SILENCE]], [-1]
    for index, phones in enumerate(words):
        chain += [PHONE_INDEX[phone] for phone in phones] + [PHONE_INDEX[SILENCE]]
        of_word += [index] * len(phones) + [-1]
    return np.array(chain, np.intp), np.array(of_word, np.intp)


def _path(costs: Scores, columns: NDArray[np.intp], is_gap: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the state of each frame on the best path, (n_frames,)."""
    n_frames, n_states = len(costs), len(columns)
    width = min(n_states, _N_FOLLOWED)
    steps = np.zeros((n_frames, width), np.int8)  # by how many states the path came here
    lows = np.zeros(n_frames, np.intp)
    may_skip = np.zeros(n_states, np.bool_)
    may_skip[2:] = is_gap[1:-1]  # over a gap
    score = np.full(n_states, _NEVER, np.float32)
    score[:2] = costs[0, columns[:2]]
    low = 0
    for frame in range(1, n_frames):
        best = low + int(score[low : low + width].argmax())
        low = min(max(low, best - width // 2), n_states - width)
        here = slice(low, low + width)
        ways = np.full((3, width), _NEVER, np.float32)
        ways[0] = score[here]
        for step in (1, 2):
            first = max(low - step, 0)
            ways[step, first + step - low :] = score[first : low + width - step]
        ways[2, ~may_skip[here]] = _NEVER
        chosen = ways.argmax(axis=0)
        score[:low] = _NEVER
        score[here] = ways[chosen, np.arange(width)] + costs[frame, columns[here]]
        steps[frame], lows[frame] = chosen, low
    state = n_states - 1 if score[-1] >= score[-2] else n_states - 2
    path = np.empty(n_frames, np.intp)
    for frame in range(n_frames - 1, -1, -1):
        path[frame] = state
        state -= int(steps[frame, np.clip(state - lows[frame], 0, width - 1)])
    return path


def _said(
    costs: Scores,
    path: NDArray[np.intp],
    chain: NDArray[np.intp],
    of_word: NDArray[np.intp],
    start_s: float,
) -> list[Said]:
    n_states = len(chain)
    firsts = np.searchsorted(path, np.arange(n_states), side="left")
    ends = np.searchsorted(path, np.arange(n_states), side="right")
    best = costs[:, :-1].max(axis=1)
    found: list[list[Span]] = [[] for _ in range(int(of_word.max(initial=-1)) + 1)]
    fits: list[list[float]] = [[] for _ in found]
    for state in np.flatnonzero(of_word >= 0):
        begin = _edge(costs, path, chain, of_word, int(firsts[state]))
        end = _edge(costs, path, chain, of_word, int(ends[state]))
        spoken = slice(firsts[state], ends[state])
        misses = costs[spoken, chain[state]] - best[spoken]  # empty where the band lost the path
        fits[of_word[state]].append(float(misses.mean()) if len(misses) else _LOST)
        found[of_word[state]].append(Span(start_s + begin, start_s + end))
    return [
        Said(tuple(spans), float(np.exp(np.mean(fit))))
        for spans, fit in zip(found, fits, strict=True)
    ]


def _edge(
    costs: Scores,
    path: NDArray[np.intp],
    chain: NDArray[np.intp],
    of_word: NDArray[np.intp],
    frame: int,
) -> float:
    """Return when one state gives way to the next, seconds: where both are as likely.

    That lies between the last frame of the one and the first of the other.
    """
    if frame <= 0 or frame >= len(path):
        return frame / PHONE_FPS
    gap = costs.shape[1] - 1
    left, right = (chain[s] if of_word[s] >= 0 else gap for s in (path[frame - 1], path[frame]))
    before = float(costs[frame - 1, left] - costs[frame - 1, right])
    after = float(costs[frame, right] - costs[frame, left])
    share = 0.5 if before + after <= 0 or min(before, after) < 0 else before / (before + after)
    # Frames' middles are half a frame before and after the edge between them.
    return max(0.0, (frame - 0.5 + share) / PHONE_FPS - _LATE_S)


def spread(n_phones: Sequence[int], start_s: float, end_s: float) -> list[Said]:
    """Return words whose phones share a stretch evenly, for want of an alignment."""
    edges = np.linspace(start_s, end_s, sum(n_phones) + 1)
    spans = [Span(float(a), float(b)) for a, b in pairwise(edges)]
    found, first = [], 0
    for n in n_phones:
        found.append(Said(tuple(spans[first : first + n]), 0.0))
        first += n
    return found
