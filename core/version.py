"""The version of DualTalk, which `blender_manifest.toml` and the package say as well.

It stands here for those who would otherwise import the package's root, which registers all of them.
"""

VERSION = "0.1.0"
