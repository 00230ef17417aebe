"""Heads as arrays: the built-in one, FLAME, and the names and shapes of other characters."""
