"""Many shots without a person: what a shot is, what is to be made anew, who makes it, how it went.

Nothing here imports torch; Blender's module is asked for in `scenes` alone.
"""
