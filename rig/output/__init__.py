"""The scene for other programs: baking, exporters, a quick video."""
