"""Buttons that prepare the add-on: the network's Python, its checkpoints."""
