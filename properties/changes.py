"""Who wants to know that settings have changed: handlers listen, settings tell."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Called when a sound of the dialogue, or how it is read, has changed.
sounds: list[Callable[[], None]] = []


def tell_sounds() -> None:
    """Tell all listeners that the sounds have changed."""
    for listener in sounds:
        listener()


#: Called when a slider of staging or of a habit has changed.
staging: list[Callable[[], None]] = []
_n_quiet = 0


def tell_staging() -> None:
    """Tell all listeners that sliders of staging have changed, unless many are set at once."""
    if not _n_quiet:
        for listener in staging:
            listener()


@contextmanager
def quiet() -> Iterator[None]:
    """Tell nobody of sliders that are set inside: who sets them puts them into effect."""
    global _n_quiet
    _n_quiet += 1
    try:
        yield
    finally:
        _n_quiet -= 1
