"""Words and their sounds: transcripts, how words are pronounced, when each is said."""
