"""What runs by itself in Blender: when files load, when edits end."""
