"""The add-on's settings in a scene; they are saved with the file."""
