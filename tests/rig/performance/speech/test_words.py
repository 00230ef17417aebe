"""Words corrected by an animator: the lips follow, and keep it when they are generated again."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.faces.builtin_head import HeadModel  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.core.speech.words import Phone, SpokenWord  # noqa: E402
from dualtalk.operators.editing import edits as edit_buttons  # noqa: E402
from dualtalk.operators.editing import mouth, transcript, words  # noqa: E402
from dualtalk.properties import character as properties  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance.editing import edits, regeneration, written  # noqa: E402
from dualtalk.rig.performance.speech import here, rows, stored  # noqa: E402
from dualtalk.tests.scenes import evaluated, registered, spoken  # noqa: E402

SAID = (
    SpokenWord("ah", (Phone("AA", 0.4, 0.8),)),
    SpokenWord("aye", (Phone("AA", 0.8, 1.2), Phone("IY", 1.2, 1.4)), 0.05),
)


@pytest.fixture
def scene(scene: bpy.types.Scene, tmp_path: Path) -> Iterator[bpy.types.Scene]:
    """Return a scene in which A opens the mouth once a second and says two words."""
    with registered(
        *properties.CLASSES,
        *edit_buttons.CLASSES,
        *transcript.CLASSES,
        *words.CLASSES,
        *mouth.CLASSES,
    ):
        properties.register()
        generate(scene, tmp_path)
        stored.keep(heads.find(scene, 1).armature, SAID)
        yield scene
        rows.show(False)
        properties.unregister()


def generate(scene: bpy.types.Scene, tmp_path: Path, opening: float = 0.2) -> None:
    """Write a performance of mouths that open and close twice in two seconds."""
    expression = np.zeros((50, len(ARKIT_SHAPES)), np.float32)
    wave = 0.5 - 0.5 * np.cos(np.arange(50) / 25 * 2 * np.pi)
    expression[:, ARKIT_INDEX["mouthFunnel"]] = 0.3 * wave
    jaw = np.zeros((50, 3), np.float32)
    jaw[:, 0] = opening * wave
    motion = Motion.from_arrays(expression, jaw)
    regeneration.write(scene, spoken(tmp_path, (motion, motion)), Settings(), keeps_take=False)


def opening(scene: bpy.types.Scene) -> np.ndarray:
    """Return how far A's jaw is open at every frame, radians."""
    record = written.load(heads.find(scene, 1).armature, written.BODY)
    curve = written.curves_of(heads.find(scene, 1).armature)[
        'pose.bones["jaw"].rotation_quaternion', 1
    ]
    return 2 * np.arcsin(written.keys_of(curve).at(record.frames))


def gap_mm(scene: bpy.types.Scene, time_s: float) -> float:
    """Return how far A's lips are apart in the middle of the mouth."""
    character = heads.find(scene, 1)
    scene.frame_set(rows.first_frame_of(character) + round(25 * time_s))
    lips = next(seal for seal in HeadModel.bundled().seals if seal.name == "mouthClose")
    gaps = lips.gaps(evaluated(character.mesh))
    return 1000 * float(gaps[len(gaps) // 4 : -len(gaps) // 4].max())


def go_to(scene: bpy.types.Scene, time_s: float) -> None:
    """Show a moment of the sound."""
    scene.frame_set(rows.first_frame_of(heads.find(scene, 1)) + round(25 * time_s))


def test_words_are_kept_with_the_character(scene: bpy.types.Scene) -> None:
    armature = heads.find(scene, 1).armature
    assert [word.text for word in stored.words_of(armature)] == ["ah", "aye"]
    assert stored.words_of(armature)[1].phones[0].end_s == pytest.approx(1.2)
    stored.keep_peaks(armature, np.array([0, 255, 7], np.uint8))
    assert stored.peaks_of(armature).tolist() == [0, 255, 7]
    go_to(scene, 0.6)
    assert here.word_here(scene, 1).text == "ah"
    go_to(scene, 1.6)
    assert here.word_here(scene, 1).index is None


def test_an_edge_that_moves_takes_the_mouth_along_and_stays(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    before = opening(scene)
    assert bpy.ops.dualtalk.move_edge(speaker="1", phone=1, time=1.0) == {"FINISHED"}
    moved = opening(scene)
    assert stored.words_of(heads.find(scene, 1).armature)[0].end_s == pytest.approx(1.0)
    assert moved[25] == pytest.approx(before[20], abs=1e-3)  # what was at 0.8 s is at 1.0 s
    np.testing.assert_array_equal(moved[:10], before[:10])
    np.testing.assert_array_equal(moved[31:], before[31:])
    assert edits.find(scene)
    generate(scene, tmp_path, 0.2)
    np.testing.assert_allclose(opening(scene)[10:31], moved[10:31], atol=2e-3)


def test_a_word_that_is_said_otherwise_closes_the_lips(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    assert gap_mm(scene, 0.44) > 3
    assert bpy.ops.dualtalk.set_word(speaker="1", index=0, text="ma", phones="M AA") == {"FINISHED"}
    assert gap_mm(scene, 0.48) < 2.0  # pressed lips are rolled in: their edges lie apart in depth
    assert gap_mm(scene, 1.52) > 3
    assert bpy.ops.dualtalk.set_word(speaker="1", index=1, text="bye") == {"FINISHED"}
    said = stored.words_of(heads.find(scene, 1).armature)
    assert [phone.name for phone in said[1].phones] == ["B", "AY"]
    generate(scene, tmp_path, 0.2)
    assert gap_mm(scene, 0.48) < 2.0


def test_words_are_added_and_removed(scene: bpy.types.Scene) -> None:
    go_to(scene, 1.5)
    assert bpy.ops.dualtalk.add_word(speaker="1", text="my") == {"FINISHED"}
    assert len(stored.words_of(heads.find(scene, 1).armature)) == 3
    assert bpy.ops.dualtalk.remove_word(speaker="1") == {"FINISHED"}
    assert len(stored.words_of(heads.find(scene, 1).armature)) == 2
    with pytest.raises(RuntimeError, match="No word is said"):
        bpy.ops.dualtalk.remove_word(speaker="1")


@pytest.mark.parametrize("how", ["WIDER", "SMALLER", "HOLD", "REST", "SMOOTH"])
def test_a_mouth_is_changed_over_its_word_alone(scene: bpy.types.Scene, how: str) -> None:
    before = opening(scene)
    go_to(scene, 0.6)
    assert bpy.ops.dualtalk.shape_mouth(speaker="1", how=how) == {"FINISHED"}
    after = opening(scene)
    np.testing.assert_array_equal(after[23:], before[23:])
    np.testing.assert_array_equal(after[:8], before[:8])
    ratio = after[12:19] / np.maximum(before[12:19], 1e-6)
    low, high = {"WIDER": (1.3, 1.5), "SMALLER": (0.6, 0.8), "HOLD": (0.8, 1.6),
                 "REST": (-0.01, 0.01), "SMOOTH": (0.85, 1.05)}[how]  # fmt: skip
    assert (ratio > low).all()
    assert (ratio < high).all()
    if how == "HOLD":
        assert np.ptp(after[11:20]) < 1e-3


def test_smoothing_seals_closures_again(scene: bpy.types.Scene) -> None:
    bpy.ops.dualtalk.set_word(speaker="1", index=0, text="ma", phones="M AA")
    closed = gap_mm(scene, 0.48)
    go_to(scene, 0.6)
    bpy.ops.dualtalk.shape_mouth(speaker="1", how="SMOOTH", seconds=0.1)
    phone = stored.words_of(heads.find(scene, 1).armature)[0].phones[0]
    middle = (phone.start_s + phone.end_s) / 2
    assert gap_mm(scene, middle) < closed + 0.3


def region_of(first_frame: float, px_per_frame: float, height: int = 300) -> SimpleNamespace:
    """Return what the rows ask of a region of an editor."""

    def to_region(frame: float, y: float, clip: bool) -> tuple[float, float]:
        return (frame - first_frame) * px_per_frame, y

    view = SimpleNamespace(
        view_to_region=to_region,
        region_to_view=lambda x, y: (first_frame + x / px_per_frame, y),
    )
    return SimpleNamespace(view2d=view, width=1000, height=height)


@pytest.mark.parametrize("height", [120, 300])
def test_the_mouse_finds_edges_and_words(scene: bpy.types.Scene, height: int) -> None:
    region = region_of(rows.first_frame_of(heads.find(scene, 1)), 20.0, height)
    x = rows.x_of(scene, region, 0.8)
    assert x == pytest.approx(400)
    assert rows.time_at(scene, region, 400) == pytest.approx(0.8)
    heights = {row: rows.middle_of(region, row) for row in ("words", "phones")}
    assert rows.grip_at(scene, region, 402, heights["words"]) == rows.Grip(0, True)
    assert rows.grip_at(scene, region, 600, heights["phones"]) == rows.Grip(1, True)
    assert rows.grip_at(scene, region, 600, heights["words"]) is None  # inside a word
    assert rows.grip_at(scene, region, 402, 2) is None
    assert rows.grip_at(scene, region, 440, heights["phones"]) is None
    assert rows.word_at(scene, region, 450, heights["words"]) == 1
    assert rows.word_at(scene, region, 150, heights["words"]) is None
    low = region_of(rows.first_frame_of(heads.find(scene, 1)), 20.0, 60)
    assert rows.grip_at(scene, low, 402, rows.middle_of(low, "words")) is None
    scene.dualtalk.words_person = "2"
    assert rows.grip_at(scene, region, 402, heights["words"]) is None


def test_words_are_read_anew_when_they_change(scene: bpy.types.Scene) -> None:
    region = region_of(rows.first_frame_of(heads.find(scene, 1)), 20.0)
    y = rows.middle_of(region, "words")
    assert rows.word_at(scene, region, 250, y) == 0
    bpy.ops.dualtalk.move_edge(speaker="1", phone=0, time=0.6)
    assert rows.word_at(scene, region, 250, y) is None


def test_what_cannot_be_done_is_said(scene: bpy.types.Scene) -> None:
    for call, wrong in (
        (lambda: bpy.ops.dualtalk.move_edge(speaker="1", phone=99), "no phone 99"),
        (lambda: bpy.ops.dualtalk.set_word(speaker="1", index=9), "no word 9"),
        (lambda: bpy.ops.dualtalk.set_word(speaker="1", index=0, phones="QQ"), "QQ is no phone"),
        (lambda: bpy.ops.dualtalk.move_edge(speaker="2", phone=0), "align a transcript"),
        (lambda: bpy.ops.dualtalk.align_words(), "Choose the sounds|Type what is said"),
    ):
        with pytest.raises(RuntimeError, match=wrong):
            call()
