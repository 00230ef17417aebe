"""Edits, takes and retakes: what was written, what was changed, what is made anew."""
