"""How well the network of two tracks does, on real people."""
