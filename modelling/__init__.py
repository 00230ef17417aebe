"""How the built-in head in `assets/` was made; not shipped. Lengths here are centimetres."""
