"""Words and phones under the waveform in the Dope Sheet and the sequencer: drawn, found by mouse.

Three rows at the bottom of the region: how loud the voice is, its words, and their phones. They lie
in time as the keys above them do.
"""

from dataclasses import dataclass

import blf
import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader

from ....core.conversation.waveform import COLORS
from ....core.speech.phones import BILABIALS, VOWELS
from ....core.speech.words import PEAK_FPS, Words, phones_of
from ... import timing
from ...characters import heads
from ...characters.character import Character
from ..editing import written
from . import outdated, stored

Color = tuple[float, float, float, float]
#: Heights from below, at an interface scale of 1; what lies below them are markers.
_BASE_PX, _PHONES_PX, _WORDS_PX, _WAVE_PX = 30, 18, 20, 34
#: In a low region they begin at its foot, and in one as low as the timeline of a new file
#: there are none: they would cover its numbers.
_LOW_PX, _LOW_BASE_PX, _LEAST_PX = 150, 10, 96
_TEXT_PX = 11
#: So near to an edge the mouse takes it.
_NEAR_PX = 6
#: Words that fit worse are drawn in another colour.
POOR_FIT = 0.1
_BACK: Color = (0.08, 0.08, 0.09, 0.8)
_WORD: Color = (0.24, 0.3, 0.38, 0.95)
_POOR: Color = (0.5, 0.25, 0.16, 0.95)
#: Heard in another sound or turn: what is shown is of before.
_OUTDATED: Color = (0.45, 0.38, 0.08, 0.95)
_CLOSED: Color = (0.45, 0.28, 0.5, 0.95)
_VOWEL: Color = (0.22, 0.38, 0.3, 0.95)
_OTHER: Color = (0.27, 0.27, 0.3, 0.95)
_EDGE: Color = (0.03, 0.03, 0.03, 1.0)
_TEXT: Color = (0.92, 0.92, 0.92, 1.0)


@dataclass(frozen=True)
class Grip:
    """An edge under the mouse."""

    phone: int  #: index among all phones of the person
    is_end: bool  #: the phone's end, else its start


@dataclass
class _State:
    handlers: list[tuple[type, object]]
    drawn: tuple[object, Words] | None = None  #: words as last read, and of what
    first_frame: tuple[object, int] | None = None
    preview: Words | None = None  #: while an edge is dragged


_state = _State([])


def show(is_shown: bool) -> None:
    """Switch the rows on or off; both calls may be repeated."""
    while _state.handlers:
        space, handle = _state.handlers.pop()
        space.draw_handler_remove(handle, "WINDOW")
    _state.drawn = _state.first_frame = _state.preview = None
    if is_shown:
        for space in (bpy.types.SpaceDopeSheetEditor, bpy.types.SpaceSequenceEditor):
            handle = space.draw_handler_add(_draw, (), "WINDOW", "POST_PIXEL")
            _state.handlers.append((space, handle))


def is_shown() -> bool:
    """Tell whether the rows are drawn."""
    return bool(_state.handlers)


def preview(words: Words | None) -> None:
    """Draw these words in place of those that are kept, until None is given."""
    _state.preview = words


def character_of(scene: bpy.types.Scene) -> Character | None:
    """Return the character whose words are shown, None if it has none."""
    found = heads.find(scene, int(scene.dualtalk.words_person))
    return found if found is not None and len(found.armature.dualtalk.says.words) else None


def first_frame_of(character: Character) -> int:
    """Return the scene frame at which the sound of a character's performance begins."""
    action = written.action_of(character.armature)
    text = "" if action is None else str(action.get(written.record_name(written.BODY), ""))
    key = (character.armature.name, len(text), text[:256])
    if _state.first_frame is None or _state.first_frame[0] != key:
        record = written.load(character.armature, written.BODY)
        first = bpy.context.scene.dualtalk.first_frame if record is None else record.first_frame
        _state.first_frame = (key, first)
    return _state.first_frame[1]


def time_at(scene: bpy.types.Scene, region: bpy.types.Region, x: float) -> float:
    """Return the time under a point of a region, seconds from the beginning of the sound."""
    character = character_of(scene)
    frame = region.view2d.region_to_view(x, 0)[0]
    first = 0 if character is None else first_frame_of(character)
    return float((frame - first) / timing.scene_fps(scene))


def are_at(scene: bpy.types.Scene, region: bpy.types.Region, y: float) -> bool:
    """Tell whether words or phones are drawn at a height of a region."""
    return is_shown() and character_of(scene) is not None and _row_at(region, y) is not None


def grip_at(scene: bpy.types.Scene, region: bpy.types.Region, x: float, y: float) -> Grip | None:
    """Return the edge under the mouse, None if there is none."""
    character, row = character_of(scene), _row_at(region, y)
    if character is None or row is None:
        return None
    words = _words(character)
    near, found = float(_NEAR_PX * _scale()), None
    line = _line(scene, region, character)
    index = 0
    for word in words:
        for position, phone in enumerate(word.phones):
            is_first, is_last = position == 0, position + 1 == len(word.phones)
            for is_end, time in ((True, phone.end_s), (False, phone.start_s)):
                if row == "words" and not (is_last if is_end else is_first):
                    continue
                away = abs(line.x(time) - x)
                if away < near:
                    near, found = away, Grip(index, is_end)
            index += 1
    return found


def word_at(scene: bpy.types.Scene, region: bpy.types.Region, x: float, y: float) -> int | None:
    """Return the word under the mouse, None if there is none."""
    character = character_of(scene)
    if character is None or _row_at(region, y) is None:
        return None
    time = time_at(scene, region, x)
    for index, word in enumerate(_words(character)):
        if word.start_s <= time < word.end_s:
            return index
    return None


def middle_of(region: bpy.types.Region, row: str) -> float:
    """Return the height of the middle of the row of "words" or "phones" in a region, pixels."""
    above = _PHONES_PX / 2 if row == "phones" else _PHONES_PX + _WORDS_PX / 2
    return _base(region) + above * _scale()


def x_of(scene: bpy.types.Scene, region: bpy.types.Region, time_s: float) -> float:
    """Return where a time of the person's sound is in a region, pixels from the left."""
    character = character_of(scene)
    return 0.0 if character is None else _line(scene, region, character).x(time_s)


def _base(region: bpy.types.Region) -> float:
    is_low = region.height < _LOW_PX * _scale()
    return float((_LOW_BASE_PX if is_low else _BASE_PX) * _scale())


def _has_room(region: bpy.types.Region) -> bool:
    return bool(region.height >= _LEAST_PX * _scale())


def _row_at(region: bpy.types.Region, y: float) -> str | None:
    if not _has_room(region):
        return None
    y = (y - _base(region)) / _scale()
    if 0 <= y < _PHONES_PX:
        return "phones"
    return "words" if _PHONES_PX <= y < _PHONES_PX + _WORDS_PX else None


def _scale() -> float:
    return float(bpy.context.preferences.system.ui_scale) or 1.0


@dataclass(frozen=True)
class _Line:
    """Where times are in a region: asked of Blender once, not for each edge."""

    left: float  #: pixels at the beginning of the sound
    per_s: float

    def x(self, time_s: float) -> float:
        """Return the pixels of a time."""
        return self.left + self.per_s * time_s


def _line(scene: bpy.types.Scene, region: bpy.types.Region, character: Character) -> _Line:
    first = first_frame_of(character)
    left, right = (
        region.view2d.view_to_region(frame, 0, clip=False)[0] for frame in (first, first + 10_000)
    )
    return _Line(float(left), (right - left) / 10_000 * timing.scene_fps(scene))


def _words(character: Character) -> Words:
    """Return the words of a character, read anew only when they have changed."""
    if _state.preview is not None:
        return _state.preview
    says = character.armature.dualtalk.says
    times = np.empty(len(says.phones), np.float32)
    says.phones.foreach_get("start", times)
    key = (character.armature.name, says.mark, len(says.words), times.tobytes())
    if _state.drawn is None or _state.drawn[0] != key:
        _state.drawn = (key, stored.words_of(character.armature))
    return _state.drawn[1]


def _draw() -> None:
    scene, region = bpy.context.scene, bpy.context.region
    character = character_of(scene)
    if character is None or not _has_room(region):
        return
    scale = _scale()
    base = _base(region)
    words_y, wave_y = base + _PHONES_PX * scale, base + (_PHONES_PX + _WORDS_PX) * scale
    gpu.state.blend_set("ALPHA")
    _fill([(0, base, region.width, wave_y + _WAVE_PX * scale)], _BACK)
    _draw_wave(scene, region, character, wave_y, _WAVE_PX * scale)
    words = _words(character)
    boxes = _Boxes(region.width)
    line = _line(scene, region, character)
    first, last = -line.left / line.per_s, (region.width - line.left) / line.per_s
    shown = [
        (index, word)
        for index, word in enumerate(words)
        if word.end_s >= first and word.start_s <= last
    ]
    old = outdated.words(scene, int(scene.dualtalk.words_person))
    for index, word in shown:
        x = [line.x(time) for time in (word.start_s, word.end_s)]
        color = _POOR if word.fit < POOR_FIT else _WORD
        color = _OUTDATED if index in old else color
        boxes.add(x[0], x[1], words_y, _WORDS_PX * scale, color, word.text)
    for phone in phones_of([word for _, word in shown]):
        x = [line.x(time) for time in (phone.start_s, phone.end_s)]
        color = _CLOSED if phone.name in BILABIALS else _OTHER
        color = _VOWEL if phone.name in VOWELS else color
        boxes.add(x[0], x[1], base, _PHONES_PX * scale, color, phone.name)
    boxes.draw(scale)
    gpu.state.blend_set("NONE")


def _draw_wave(
    scene: bpy.types.Scene,
    region: bpy.types.Region,
    character: Character,
    low: float,
    height: float,
) -> None:
    peaks = stored.peaks_of(character.armature)
    if not len(peaks):
        return
    line = _line(scene, region, character)
    left, step = line.left, line.per_s / PEAK_FPS
    if step <= 0:
        return
    xs = np.arange(0, region.width, max(1.0, step))
    begin = np.clip(((xs - left) / step).astype(int), 0, len(peaks))
    end = np.clip(((xs + max(1.0, step) - left) / step).astype(int), 0, len(peaks))
    speaker = int(scene.dualtalk.words_person) - 1
    bars = []
    for x, first, last in zip(xs, begin, end, strict=True):
        if last > first:
            half = max(0.5, height / 2 * 0.92 * float(peaks[first:last].max()) / 255)
            bars.append((x, low + height / 2 - half, x + max(1.0, step), low + height / 2 + half))
    _fill(bars, (*COLORS[speaker], 0.8))


class _Boxes:
    """Boxes with text, those of one colour drawn together."""

    def __init__(self, width: float) -> None:
        self._width = width
        self._fills: dict[Color, list[tuple[float, float, float, float]]] = {}
        self._texts: list[tuple[float, float, float, str]] = []

    def add(
        self, left: float, right: float, low: float, height: float, color: Color, text: str
    ) -> None:
        """Add one if it can be seen."""
        if right < 0 or left > self._width:
            return
        high = low + height - 1
        self._fills.setdefault(color, []).append((left, low, max(right, left + 1), high))
        self._fills.setdefault(_EDGE, []).append((left, low, left + 1, high))
        self._fills.setdefault(_EDGE, []).append((right - 1, low, right, high))
        self._texts.append((left, right, low + 0.3 * height, text))

    def draw(self, scale: float) -> None:
        """Draw them, edges over all, and each text that fits its box."""
        edges = self._fills.pop(_EDGE, [])
        for color, rectangles in self._fills.items():
            _fill(rectangles, color)
        _fill(edges, _EDGE)
        blf.size(0, _TEXT_PX * scale)
        blf.color(0, *_TEXT)
        for left, right, low, text in self._texts:
            width, _ = blf.dimensions(0, text)
            if width + 4 * scale <= right - left:
                blf.position(0, (left + right - width) / 2, low, 0)
                blf.draw(0, text)


def _fill(rectangles: list[tuple[float, float, float, float]], color: Color) -> None:
    if not rectangles:
        return
    sides = np.array(rectangles, np.float32)
    left, low, right, high = sides.T
    corners = np.stack([left, low, right, low, right, high, left, low, right, high, left, high])
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    shader.bind()
    shader.uniform_float("color", color)
    batch_for_shader(shader, "TRIS", {"pos": corners.T.reshape(-1, 2)}).draw(shader)
