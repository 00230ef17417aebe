"""Where the characters stand in the scene, and the cameras that see them."""
