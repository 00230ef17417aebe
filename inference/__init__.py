"""The networks and what feeds them: torch and numpy, never bpy."""

import os

#: oneDNN keeps code and scratch for so many sizes of each operation: those of the networks have a
#: place. Stretches of speech are of every length; the 1,024 that it keeps by default come to lie
#: between all other blocks, and hours of sound tore the memory apart (docs/performance.md).
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
