"""Print the processor's seconds that enabling the installed extension takes.

Blender's own numpy is loaded before.
"""

import sys
import time

import bpy
import numpy  # noqa: F401

start = time.process_time()
bpy.ops.preferences.addon_enable(module="bl_ext.user_default.dualtalk")
sys.stdout.write(f"\n{time.process_time() - start}\n")
sys.stdout.flush()
bpy.ops.preferences.addon_disable(module="bl_ext.user_default.dualtalk")
