"""Buttons that work on a performance: takes, edits, retakes of a range."""
