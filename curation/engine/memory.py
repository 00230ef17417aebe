"""What keeps a worker small.

Pictures of 720p are 2.7 MB each and come and go in several threads (the face model has its own).
The C library gives every thread a heap of its own and keeps what is freed in each: of a worker that
reads 720p that was a quarter (docs/curation.md). One heap for all costs no time that could be
measured, as one thread works at a time.
"""

import ctypes
import os
import sys
from contextlib import suppress

from ...inference.devices import give_back_freed_memory, use_threads

#: Of glibc's `mallopt` (malloc.h), and what does the same in the environment of a process to come.
_M_ARENA_MAX = -8
_ARENAS_VARIABLE = "MALLOC_ARENA_MAX"


def save_memory() -> None:
    """Make this process a worker: one heap for all threads, one thread for networks.

    To be called before the face model makes its threads; without glibc the heaps stay as they are.
    """
    use_threads(1)  # one core is what a worker has
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def save_memory_of_children() -> None:
    """Let processes that are started from here have one heap each, from their first thread on."""
    os.environ.setdefault(_ARENAS_VARIABLE, "1")


def after_clip() -> None:
    """Give the system back what a clip took."""
    give_back_freed_memory()
