"""Buttons that write files: exports, exchange formats, video."""
