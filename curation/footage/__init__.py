"""The video itself: its frames at 25 per second, its sound, its shots, its layout."""
