"""From landmarks to motion: the head's turn and place, jaw, eyes and shapes, in one space."""
