"""The two characters: built-in heads, FLAME heads, and the animator's own."""
