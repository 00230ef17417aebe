"""Faces in pictures: found, kept apart, and judged."""
