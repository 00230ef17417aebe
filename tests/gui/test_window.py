"""The add-on in a real Blender window: pressed buttons, progress, undo, errors, closing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from dualtalk.core.conversation.turns import speaking
from dualtalk.core.jobs.results import write_turns

ROOT = Path(__file__).resolve().parents[2]


def repeated(path: Path, times: int, target: Path) -> Path:
    """Write a sound several times in a row, so that there is time to stop the work."""
    samples, rate = soundfile.read(path, dtype="float32")
    soundfile.write(target, np.tile(samples, times), rate)
    return target


@pytest.fixture(scope="module")
def found(window: Any) -> dict[str, Any]:
    """What the session in the window found."""
    work = window.folder("window")
    sounds = [
        repeated(ROOT / "assets" / f"demo_speaker{number}.flac", 1, work / f"{name}.wav")
        for number, name in ((1, "anna"), (2, "ben"))
    ]
    tracks = np.stack([soundfile.read(path, dtype="float32")[0] for path in sounds])
    soundfile.write(work / "mixed.wav", tracks.mean(axis=0), 16_000)
    write_turns(work / "turns.npz", speaking(tracks))
    long = [repeated(path, 30, path.with_stem(f"{path.stem}_long")) for path in sounds]
    return window.run("window_session.py", work, *sounds, *long)


def test_generate_by_mouse_gives_two_heads(found: dict[str, Any]) -> None:
    assert found["heads"] == ["Speaker A", "Speaker B"]
    assert found["untouched_meanwhile"]
    assert found["strips_shown"]


def test_blender_stays_responsive(found: dict[str, Any]) -> None:
    assert found["saved_meanwhile"]
    # Beside the same window without a job, whatever else the machine does: on two idle cores a job
    # doubles the gap between redraws, which software draws, and leaves Blender's loop as it was.
    assert found["gap_s"] < max(0.05, 3 * found["gap_without_job_s"])
    assert found["loop_gap_s"] < max(0.05, 3 * found["loop_gap_idle_s"])


def test_a_view_is_redrawn_twenty_times_a_second_while_generating(found: dict[str, Any]) -> None:
    # A small one, which a processor can draw in time; if it cannot, not much less often than idle.
    assert found["small_view_gap_s"] < max(0.05, 3 * found["small_view_gap_idle_s"])


def test_one_key_undoes_and_redoes_a_generation(found: dict[str, Any]) -> None:
    assert found["undone"]
    assert found["redone"]


def test_a_job_survives_undo_and_waits_for_object_mode(found: dict[str, Any]) -> None:
    assert found["undone_meanwhile"]
    assert found["waits"]
    assert found["went_on"]
    assert found["start_frame"] == 11


@pytest.mark.parametrize("how", ["escape", "cancel"])
def test_it_ends_at_once(found: dict[str, Any], how: str) -> None:
    assert found[f"{how}_ended"]
    # 0.1 s and 0.25 s on two idle cores: five steps of Blender's timer and the end of a process.
    assert found[f"{how}_s"] < max(0.5, 100 * found["loop_gap_idle_s"])
    assert found[f"{how}_untouched"]


def test_a_killed_worker_is_a_message_and_no_change(found: dict[str, Any]) -> None:
    assert "memory ran out" in found["killed"]
    assert "loading" in found["killed_log"]
    assert found["killed_untouched"]


def test_a_bad_sound_is_told_at_the_sounds(found: dict[str, Any]) -> None:
    assert "cannot be read as sound" in found["bad_sound"]


def test_the_python_is_checked_from_the_preferences(found: dict[str, Any]) -> None:
    assert "torch" in found["checked"]


def test_closing_blender_ends_the_worker(found: dict[str, Any]) -> None:
    assert not found["survived"]


def test_every_panel_was_drawn_open(found: dict[str, Any]) -> None:
    wanted = {"dialogue", "characters", "generate", "staging", "performance", "export"}
    assert wanted <= set(found["panels"])


def test_another_take_by_mouse_and_back(found: dict[str, Any]) -> None:
    assert len(found["takes"]) == len(set(found["takes"])) == 2
    assert found["take_used"] == 0


def test_edits_are_shown_kept_by_a_retake_and_dropped_by_mouse(found: dict[str, Any]) -> None:
    assert found["seed_of_take"]
    assert found["edits_shown"] >= 1
    assert found["retaken"]
    assert found["retake_left_the_rest"]
    assert found["edits_left"] == 0


def test_looks_are_retaken_over_a_selected_strip_by_mouse(found: dict[str, Any]) -> None:
    assert found["rows_by_mouse"] == ["STRIPS", "gaze"]
    assert found["looks_retaken"]
    assert found["looks_left_the_rest"]
    assert found["looks_undone"]


def test_what_was_pushed_down_is_brought_back_by_its_button(found: dict[str, Any]) -> None:
    assert found["brought_back"]
    assert found["bring_back_undone"] == 1


def test_words_of_another_sound_are_said_and_matched_anew(found: dict[str, Any]) -> None:
    assert "The words of A" in found["words_said"]
    assert found["words_kept"] == ["Y", "AH"]
    assert abs(found["words_later_by"] - 0.48) < 0.1
    assert found["words_fit"]
    assert found["words_undone"]


def test_a_mood_is_keyed_by_i_over_its_slider(found: dict[str, Any]) -> None:
    assert found["mood_keyed"] == 1


def test_layers_become_tracks_and_one_action_again_by_mouse(found: dict[str, Any]) -> None:
    assert found["tracks_by_mouse"] >= 2
    assert found["action_by_mouse"] == 0


def test_words_are_aligned_by_a_button_and_an_edge_is_dragged(found: dict[str, Any]) -> None:
    assert found["words_aligned"][:4] == ["Good", "morning!", "Did", "you"]
    assert found["edge_moved"] < -0.01
    assert found["edge_undone"]


def test_a_button_exports_through_the_file_browser(found: dict[str, Any]) -> None:
    assert len(found["exported"]) == 1


def test_turns_are_swapped_moved_and_followed_in_the_sequencer(found: dict[str, Any]) -> None:
    assert found["turns_swapped"]
    assert found["moved_by"] == 12
    assert found["turns_followed"]


def test_turns_are_found_by_a_button(found: dict[str, Any]) -> None:
    if not (ROOT / "assets" / "voices.safetensors").exists():
        pytest.skip("the network that tells who speaks when is not there")
    assert found["turns_heard"] > 1


def test_panels_draw_only_what_exists(found: dict[str, Any]) -> None:
    wrong = [
        line
        for line in found["log"].splitlines()
        if "rna_uiItem" in line or "unknown operator" in line or "property not found" in line
    ]
    assert not wrong
    assert "Traceback" not in found["log"]
