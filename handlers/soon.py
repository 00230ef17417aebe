"""Work that follows a change: at once in background mode, in a window a moment later and once."""

from collections.abc import Callable

import bpy


def _never() -> bool:
    return False


class Soon:
    """Work on the shown scene that any number of changes ask for, and that is done once."""

    def __init__(
        self,
        work: Callable[[bpy.types.Scene], object],
        delay_s: float,
        is_busy: Callable[[], bool] = _never,
    ) -> None:
        """Plan nothing yet.

        Args:
            work: what is to be done with a scene.
            delay_s: how long a window waits for more changes.
            is_busy: whether a window must wait on.
        """
        self._work = work
        self._delay_s = delay_s
        self._is_busy = is_busy
        self._timer = self._tick  # one object, by which Blender knows it

    def ask(self, scene: bpy.types.Scene) -> None:
        """Do it now in background mode, else soon."""
        if bpy.app.background:
            self._work(scene)
        else:
            self.plan()

    def plan(self) -> None:
        """Do it soon, in a window."""
        if not bpy.app.background and not bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.register(self._timer, first_interval=self._delay_s)

    def forget(self) -> None:
        """Do not do what was planned."""
        if bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.unregister(self._timer)

    def _tick(self) -> float | None:
        if self._is_busy():
            return self._delay_s
        self._work(bpy.context.scene)
        return None
