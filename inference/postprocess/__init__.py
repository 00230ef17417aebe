"""From the networks' numbers to a motion that a rig can hold."""
