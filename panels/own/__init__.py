"""Own characters: their names for shapes, and rigs that learn poses."""
