"""Eyes that look: objects and constraints, their keys, and how gaze is shown."""
