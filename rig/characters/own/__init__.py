"""The animator's own characters: looked over, bound, moved and let go."""
