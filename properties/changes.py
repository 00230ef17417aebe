"""Who wants to know that settings have changed: handlers listen, settings tell."""

from collections.abc import Callable

#: Called when a sound of the dialogue, or how it is read, has changed.
sounds: list[Callable[[], None]] = []


def tell_sounds() -> None:
    """Tell all listeners that the sounds have changed."""
    for listener in sounds:
        listener()
