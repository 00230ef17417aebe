"""Motion, sound, turns and takes of a scene."""
