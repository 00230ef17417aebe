"""Measures of a motion against the truth, and of speed and memory."""
