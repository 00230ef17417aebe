"""What curation makes of video, as training reads it."""
