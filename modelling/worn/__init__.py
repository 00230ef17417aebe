"""What the built-in head wears: hair, beards, clothes, covers."""
