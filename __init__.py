"""DualTalk: from the sound of a conversation to two talking heads in Blender.

Importing the package loads nothing heavy; Blender calls `register` and `unregister`.
"""

__version__ = "0.1.0"


def register() -> None:
    """Add DualTalk's panels, operators and settings to Blender."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Take everything that `register` added out of Blender again."""
    from . import registration

    registration.unregister()
