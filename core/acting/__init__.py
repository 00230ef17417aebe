"""How a person acts: moods, energy, exaggeration and asymmetry, as numbers over a performance."""
