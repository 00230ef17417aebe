"""How the built-in head in `assets/` was made; not shipped. Metres, origin between the eyes."""
