"""The buttons of directing do what the plain calls do."""

import sys
from types import SimpleNamespace

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk import status  # noqa: E402
from dualtalk.core.directing.description import Scene  # noqa: E402
from dualtalk.core.directing.gaze_plan import GazeHabit  # noqa: E402
from dualtalk.core.directing.staging import PRESETS, HeadHabit  # noqa: E402
from dualtalk.operators import staging as buttons  # noqa: E402
from dualtalk.panels import staging as panels  # noqa: E402
from dualtalk.properties import scene as scene_properties  # noqa: E402
from dualtalk.properties import staging, strengths  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.gaze import gaze_keys, gaze_rig  # noqa: E402
from dualtalk.rig.output import baking  # noqa: E402
from dualtalk.rig.staging import directing, placing  # noqa: E402


@pytest.fixture
def registered(conversation):
    settings = (*staging.CLASSES, *strengths.CLASSES, *scene_properties.CLASSES)
    classes = (*settings, *buttons.CLASSES, *panels.CLASSES)
    for cls in classes:
        bpy.utils.register_class(cls)
    scene_properties.register()
    yield conversation
    status.forget_failure()
    scene_properties.unregister()
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)


def test_sliders_hold_a_scene(registered) -> None:
    settings = registered.dualtalk.staging
    wanted = Scene(
        PRESETS["bench"].staging,
        (HeadHabit(-0.5, 1.0, 0.1, 0.3, 0.2), HeadHabit()),
        (GazeHabit(0.2, 0.9), GazeHabit()),
    )
    staging.from_scene(settings, wanted)
    got = staging.to_scene(settings)
    assert got.staging.distance_m == pytest.approx(wanted.staging.distance_m)
    assert got.staging.seats[0].turn_rad == pytest.approx(wanted.staging.seats[0].turn_rad)
    assert got.heads[0].lean_end_rad == pytest.approx(0.2)
    assert got.heads[0].turn_end == 1.0
    assert got.heads[1] == HeadHabit()
    assert got.gaze[0].shyness == pytest.approx(0.9)


def test_the_preset_button_does_what_direct_does(registered) -> None:
    registered.dualtalk.staging.preset = "bench"
    assert bpy.ops.dualtalk.apply_preset() == {"FINISHED"}
    pair = directing.armatures_of(registered)
    expected = PRESETS["bench"].staging.placements()
    assert placing.current_placements(pair)[0].eyes_m == pytest.approx(expected[0].eyes_m, abs=1e-4)
    by_button = gaze_keys.written(pair[0])
    plan = directing.direct(registered, staging.to_scene(registered.dualtalk.staging))
    assert by_button.plan == plan


def test_direct_uses_the_seed_of_generate(registered) -> None:
    registered.dualtalk.seed = 11
    assert bpy.ops.dualtalk.direct() == {"FINISHED"}
    known = gaze_keys.written(directing.armatures_of(registered)[0])
    assert known.seed == 11
    expected = directing.direct(
        registered, staging.to_scene(registered.dualtalk.staging), registered.dualtalk.seed
    )
    assert known.plan == expected


def test_a_habit_slider_keeps_the_gaze_of_the_network(registered) -> None:
    pair = directing.armatures_of(registered)
    known = gaze_keys.written(pair[0])
    gaze_keys.write_plan(
        pair, known.plan, known.heads, known.speaking, known.first_frame, network=known.plan
    )
    bpy.ops.dualtalk.direct()
    assert gaze_keys.written(pair[0]).plan == known.plan
    registered.dualtalk.staging.first.attention = 0.8
    bpy.ops.dualtalk.direct()
    changed = gaze_keys.written(pair[0]).plan
    assert changed.looks[0] != known.plan.looks[0]
    assert changed.looks[1] == known.plan.looks[1]
    registered.dualtalk.staging.first.attention = 0.5
    bpy.ops.dualtalk.direct()
    assert gaze_keys.written(pair[0]).plan == known.plan


def test_a_failure_stays_on_the_panel(registered) -> None:
    with pytest.raises(RuntimeError, match="cameras"):
        bpy.ops.dualtalk.cut_to_speakers()
    assert "cameras" in status.failure("staging").message
    bpy.ops.dualtalk.direct()
    assert status.failure() is None


def test_bake_and_unbake_by_button(registered) -> None:
    registered.frame_end = 5
    assert bpy.ops.dualtalk.bake_gaze() == {"FINISHED"}
    assert baking.is_baked(heads.find(registered, 1).armature)
    assert "unbake" in status.staging_reason(bpy.context)
    assert not bpy.ops.dualtalk.direct.poll()
    assert bpy.ops.dualtalk.unbake_gaze() == {"FINISHED"}
    assert bpy.ops.dualtalk.follow_edits() == {"FINISHED"}


def test_editing_looks_selects_what_holds_their_edges(registered) -> None:
    assert bpy.ops.dualtalk.edit_looks() == {"FINISHED"}
    selected = {obj.name for obj in bpy.context.selected_objects}
    assert selected == {"Speaker A gaze", "Speaker B gaze"}
    action = bpy.context.active_object.animation_data.action
    assert "dualtalk_followed_edges" in action


def test_cut_button_says_what_is_missing_and_then_cuts(registered) -> None:
    with pytest.raises(RuntimeError, match="cameras"):
        bpy.ops.dualtalk.cut_to_speakers()
    bpy.ops.dualtalk.direct()
    assert bpy.ops.dualtalk.cut_to_speakers() == {"FINISHED"}
    assert len(registered.timeline_markers) > 3


def test_the_active_object_becomes_a_target_and_ceases_to_be_one(registered) -> None:
    cup = bpy.data.objects.new("Cup", None)
    registered.collection.objects.link(cup)
    bpy.context.view_layer.objects.active = cup
    registered.dualtalk.staging.look_share = 0.6
    assert bpy.ops.dualtalk.look_target() == {"FINISHED"}
    pair = directing.armatures_of(registered)
    looks = gaze_keys.written(pair[0]).plan.looks[0]
    assert sum(look.extra == "Cup" for look in looks) > 2
    constraint = gaze_rig.find_parts(pair[0]).gaze.constraints[gaze_rig.extra_name("Cup")]
    assert constraint.target == cup
    assert bpy.ops.dualtalk.look_target() == {"FINISHED"}
    assert not any(look.extra for look in gaze_keys.written(pair[0]).plan.looks[0])
    assert gaze_rig.extra_name("Cup") not in gaze_rig.find_parts(pair[0]).gaze.constraints
    bpy.context.view_layer.objects.active = pair[0]
    with pytest.raises(RuntimeError, match="beside the two"):
        bpy.ops.dualtalk.look_target()


def test_buttons_are_greyed_with_a_reason(registered) -> None:
    bpy.data.objects.remove(heads.find(registered, 2).armature)
    assert "generate first" in status.staging_reason(bpy.context)
    assert not bpy.ops.dualtalk.direct.poll()


@pytest.fixture
def with_python(registered, monkeypatch):
    """The worker's Python is this one, as the preferences of an enabled add-on would say."""
    preferences = SimpleNamespace(python=sys.executable)
    monkeypatch.setattr(buttons.stored, "get", lambda _context: preferences)
    return preferences


def test_a_description_is_read_in_a_process_of_its_own(registered, with_python) -> None:
    settings = registered.dualtalk.staging
    settings.description = "She never looks away from him. It is raining."
    assert bpy.ops.dualtalk.describe() == {"FINISHED"}
    assert settings.first.attention == 1.0
    assert settings.second.attention == 0.5
    assert "A gaze: always" in settings.understood
    assert "raining" in settings.not_understood
    assert (
        gaze_keys.written(directing.armatures_of(registered)[0]).plan.at_partner()[0].mean() > 0.9
    )


def test_pronouns_and_names_mean_whom_the_settings_say(registered, with_python) -> None:
    settings = registered.dualtalk.staging
    settings.description = "She never looks away from Ann."
    settings.pronouns, settings.first.called = "HE_SHE", "Ann"
    bpy.ops.dualtalk.describe()
    assert (settings.first.attention, settings.second.attention) == (0.5, 1.0)


def test_what_cannot_be_read_changes_no_slider(registered, with_python) -> None:
    settings = registered.dualtalk.staging
    for description, python, message in (
        ("  ", sys.executable, "no description"),
        ("She nods." * 200, sys.executable, "characters"),
        ("She nods.", "/no/such/python", "no/such/python"),
    ):
        settings.description, with_python.python = description, python
        with pytest.raises(RuntimeError, match=message):
            bpy.ops.dualtalk.describe()
    assert settings.first.nodding == 0.0
    assert settings.understood == ""
    assert "no/such/python" in status.failure("staging").message


def test_panels_draw_without_missing_properties(registered, capfd) -> None:
    window = bpy.context.window_manager.windows[0]
    registered.dualtalk.staging.understood = "a.gaze: always (90%)"
    registered.dualtalk.staging.first.lean_changes = True
    with bpy.context.temp_override(window=window):
        layout = bpy.context.window_manager.popover_begin__internal(ui_units_x=20).layout

        class Drawn:
            pass

        for panel in panels.CLASSES:
            drawn = Drawn()
            drawn.layout = layout
            panel.draw(drawn, bpy.context)
        text = str(layout.introspect())
    out, err = capfd.readouterr()
    assert "not found" not in out + err
    for shown in ("description", "dualtalk.direct", "lean_end", "dualtalk.cut_to_speakers"):
        assert shown in text, shown


def test_without_heads_a_preset_sets_the_sliders_that_generating_starts_from(registered) -> None:
    bpy.data.objects.remove(heads.find(registered, 2).armature)
    registered.dualtalk.staging.preset = "bench"
    assert bpy.ops.dualtalk.apply_preset() == {"FINISHED"}
    sliders = staging.to_scene(registered.dualtalk.staging)
    assert sliders.staging.angle_rad == pytest.approx(PRESETS["bench"].staging.angle_rad)


def test_the_sliders_begin_as_the_preset_that_is_shown(registered) -> None:
    settings = registered.dualtalk.staging
    shown = PRESETS[settings.preset].staging
    for got, wanted in zip(
        staging.to_scene(settings).staging.placements(), shown.placements(), strict=True
    ):
        assert got.eyes_m == pytest.approx(wanted.eyes_m)
        assert got.facing == pytest.approx(wanted.facing)
