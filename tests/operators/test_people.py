"""The cast: picking somebody, copying, chance, sliders, hair, clothes and colours."""

from collections.abc import Iterator
from dataclasses import replace

import bpy
import numpy as np
import pytest
from dualtalk import status
from dualtalk.core.faces import cast
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.operators import characters, people
from dualtalk.panels import characters as panel
from dualtalk.panels import people as people_panel
from dualtalk.rig.characters import heads, wardrobe
from dualtalk.tests.scenes import empty, evaluated


@pytest.fixture
def scene() -> Iterator[bpy.types.Scene]:
    """Return an empty scene in a Blender that has the buttons."""
    found = empty()
    classes = (*characters.CLASSES, *people.CLASSES, *panel.CLASSES, *people_panel.CLASSES)
    for cls in classes:
        bpy.utils.register_class(cls)
    yield found
    people_panel.unregister()
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)
    status.forget_failure()


def test_somebody_of_the_cast_is_picked_and_changed(scene: bpy.types.Scene) -> None:
    assert bpy.ops.dualtalk.choose_person(speaker="1", person="Ruth") == {"FINISHED"}
    head = heads.find(scene, 1)
    ruth = cast.person("Ruth")
    assert head.person == "Ruth"
    assert head.identity == pytest.approx(dict(ruth.identity), abs=1e-6)
    assert head.look == ruth.look
    head.mesh.data.shape_keys.key_blocks["mouthSmileLeft"].keyframe_insert("value", frame=3)
    head.armature.location.x = 0.7
    before = evaluated(head.mesh)
    bpy.ops.dualtalk.choose_person(speaker="1", person="Samuel")
    head = heads.find(scene, 1)
    assert head.person == "Samuel"
    assert np.abs(evaluated(head.mesh) - before).max() > 0.01
    assert head.mesh.data.shape_keys.animation_data.action is not None
    assert head.armature.location.x == pytest.approx(0.7)
    assert set(wardrobe.worn_by(head.armature)) == {"clothes"}  # he is bald
    assert head.is_fitted()


def test_everything_of_a_person_is_removed(scene: bpy.types.Scene) -> None:
    bpy.ops.dualtalk.choose_person(speaker="2", person="Amara")
    bpy.ops.dualtalk.remove_character(speaker="2")
    for kind in (bpy.data.objects, bpy.data.meshes, bpy.data.armatures, bpy.data.materials):
        assert not kind


def test_nothing_is_built_where_it_could_not_be_seen(scene: bpy.types.Scene) -> None:
    heads.collection(scene)
    layer = bpy.context.view_layer.layer_collection.children[0]
    layer.exclude = True
    for press in (bpy.ops.dualtalk.add_head, bpy.ops.dualtalk.choose_person):
        with pytest.raises(RuntimeError, match=r"'DualTalk' is excluded .* tick it"):
            press(speaker="2")
    assert not bpy.data.objects
    assert not bpy.data.armatures
    layer.exclude = False
    bpy.ops.dualtalk.add_head(speaker="2")


def test_two_of_a_scene_do_not_look_alike_unless_wanted(scene: bpy.types.Scene) -> None:
    bpy.ops.dualtalk.choose_person(speaker="1", person="Tom")
    bpy.ops.dualtalk.add_head(speaker="2")
    first, second = heads.find(scene, 1), heads.find(scene, 2)
    assert first.person != second.person
    bpy.ops.dualtalk.copy_person(speaker="2")
    second = heads.find(scene, 2)
    assert second.identity == pytest.approx(first.identity, abs=1e-6)
    assert second.look == first.look


def test_clothes_of_an_older_file_take_colours(scene: bpy.types.Scene) -> None:
    bpy.ops.dualtalk.choose_person(speaker="1", person="Tom")
    head = heads.find(scene, 1)
    garment = wardrobe.worn_by(head.armature)["clothes"]
    garment.data.vertices.add(3)  # other versions of the garment have other vertices
    head.set_look(replace(head.look, cloth=(0.5, 0.1, 0.1)), HeadModel.bundled())
    color = garment.data.color_attributes["Color"].data[0].color
    assert color[0] > 3 * color[1]
    head.wear("clothes", "tee", HeadModel.bundled())


def test_chance_is_seeded(scene: bpy.types.Scene) -> None:
    bpy.ops.dualtalk.choose_person(speaker="1", person="Maya")
    bpy.ops.dualtalk.become_another(speaker="1")
    first = heads.find(scene, 1).as_person()
    bpy.ops.dualtalk.become_another(speaker="1")
    assert heads.find(scene, 1).identity != first.identity
    bpy.ops.dualtalk.become_another(speaker="1", seed=int(first.name.split()[1]))
    again = heads.find(scene, 1)
    assert again.identity == pytest.approx(dict(first.identity), abs=1e-6)
    assert again.look == first.look


def test_moved_sliders_are_fitted(scene: bpy.types.Scene) -> None:
    bpy.ops.dualtalk.choose_person(speaker="1", person="Maya")
    head, model = heads.find(scene, 1), HeadModel.bundled()
    hair = evaluated(wardrobe.worn_by(head.armature)["hair"])
    head.mesh.data.shape_keys.key_blocks["identity.eye_distance"].value = 1.0
    head.mesh.data.shape_keys.key_blocks["identity.head_width"].value = 1.0
    assert not head.is_fitted()
    bpy.ops.dualtalk.fit_person(speaker="1")
    assert head.is_fitted()
    eyes = model.joints_of(head.identity)[3]
    assert head.armature.data.bones["eye_left"].head_local.x == pytest.approx(eyes[0], abs=1e-6)
    assert np.abs(evaluated(wardrobe.worn_by(head.armature)["hair"]) - hair).max() > 0.001


@pytest.mark.parametrize("style", wardrobe.styles("hair"))
def test_every_hair_style_is_worn_and_turns_with_the_head(
    scene: bpy.types.Scene, style: str
) -> None:
    bpy.ops.dualtalk.choose_person(speaker="1", person="Maya")
    bpy.ops.dualtalk.wear_hair(speaker="1", style=style)
    head = heads.find(scene, 1)
    worn = wardrobe.worn_by(head.armature).get("hair")
    assert (worn is None) == (style == "bald")
    if worn is None:
        return
    assert worn in head.objects
    before = evaluated(worn)
    head.armature.pose.bones["neck"].rotation_quaternion = (0.9, 0, 0.43, 0)
    bpy.context.view_layer.update()
    assert np.abs(evaluated(worn) - before).max() > 0.02


def test_colours_and_clothes(scene: bpy.types.Scene) -> None:
    bpy.ops.dualtalk.choose_person(speaker="1", person="Maya")
    bpy.ops.dualtalk.wear_clothes(speaker="1", style="turtleneck")
    bpy.ops.dualtalk.color_person(speaker="1", hair=(0.4, 0.2, 0.1))
    head = heads.find(scene, 1)
    assert head.as_person().clothes == "turtleneck"
    assert head.look.hair == pytest.approx((0.4, 0.2, 0.1))
    assert head.look.skin == cast.person("Maya").look.skin


def test_the_panel_shows_the_cast_and_the_sliders(
    scene: bpy.types.Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    bpy.ops.dualtalk.choose_person(speaker="1", person="Maya")
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window):
        layout = bpy.context.window_manager.popover_begin__internal(ui_units_x=20).layout
        shown_on = type("Panel", (), {"layout": layout, "speaker": 1})()
        for drawn in (people_panel.DUALTALK_PT_person_a, people_panel.DUALTALK_PT_sliders_a):
            assert drawn.poll(bpy.context)
            drawn.draw(shown_on, bpy.context)
        text = str(layout.introspect())
    assert not people_panel.DUALTALK_PT_sliders_b.poll(bpy.context)
    for shown in ("Maya", "Kenji", "dualtalk.become_another", "dualtalk.wear_hair", "Jaw Width"):
        assert shown in text, shown
    out, err = capfd.readouterr()
    assert "not found" not in out + err
