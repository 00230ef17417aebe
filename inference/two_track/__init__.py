"""DualTalk: two separate tracks to the motion of both heads."""
