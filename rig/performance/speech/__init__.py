"""What characters say: words and phones in time, drawn, and what correcting them does to lips."""
