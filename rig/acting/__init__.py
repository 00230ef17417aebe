"""Moods and sliders of acting: properties of a character that can be keyed, and what obeys them."""
