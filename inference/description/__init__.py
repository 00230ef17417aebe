"""A description in words to staging, head pose and gaze."""
