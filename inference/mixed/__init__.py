"""Talking Together: one mixed track to both heads in one space."""
