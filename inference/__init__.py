"""The networks and what feeds them: torch and numpy, never bpy."""
