"""The data that flows through DualTalk: plain dataclasses, numpy only, no torch and no bpy."""
