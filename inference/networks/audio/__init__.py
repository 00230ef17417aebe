"""Audio encoders: sound becomes features per frame."""
