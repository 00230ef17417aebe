"""The director: what it reads in descriptions that training never saw."""

import json
import re

import pytest
from dualtalk.core.directing.description import DISTANCES_M, Direction, Scene
from dualtalk.core.errors import InputError
from dualtalk.inference.description.interpret import ASSETS, Director, main
from dualtalk.inference.description.tokens import Cast, clauses, normalised
from dualtalk.training.director.evaluate import handwritten, held_out, score
from dualtalk.training.director.grammar import FRAMES, Generator, read_phrases


@pytest.fixture(scope="module")
def director() -> Director:
    return Director.load()


def bare(text: str) -> str:
    """Return a description's words alone."""
    return " ".join(re.findall(r"[a-z']+", text.lower()))


def test_held_out_templates_reach_nine_of_ten(director: Director) -> None:
    examples = held_out(300, wordings="train")
    assert len({example.text for example in examples}) == 300
    assert score(director, examples).said >= 0.9


def test_phrases_that_nobody_trained_on_are_mostly_read(director: Director) -> None:
    assert score(director, held_out(300)).said >= 0.75


def test_handwritten_descriptions_reach_eight_of_ten(director: Director) -> None:
    examples = handwritten()
    assert len(examples) == 30
    assert score(director, examples).said >= 0.8


def test_templates_of_the_test_are_in_no_other_split() -> None:
    others = {*FRAMES["train"], *FRAMES["validation"]}
    assert not others & set(FRAMES["test"])


def test_held_out_phrases_are_not_trained_on() -> None:
    train = {phrase.text for phrase in read_phrases("train")}
    assert not train & {phrase.text for phrase in read_phrases("test")}


def test_handwritten_descriptions_are_nowhere_in_training() -> None:
    kept_apart = {bare(example.text) for example in handwritten()}
    assert len(kept_apart) == 30
    assert not kept_apart & {bare(example.text) for example in handwritten("validation")}
    assert not kept_apart & {bare(phrase.text) for phrase in read_phrases("train")}
    generator = Generator("train", 0)
    drawn = {bare(generator.draw().text) for _ in range(3000)}
    assert len(drawn) > 1000
    assert not kept_apart & drawn


def test_the_example_of_the_manual(director: Director) -> None:
    text = "They sit side by side on a bench, she leans in and rarely looks at him"
    values = director.direct(text).values
    assert values["arrangement"] == "side_by_side"
    assert values["a.lean"] == "in"
    assert values["a.gaze"] == "rarely"
    assert "b.lean" not in values
    assert "b.gaze" not in values


def test_exchanging_the_persons_exchanges_the_parameters(director: Director) -> None:
    one = director.direct("He leans back and she never looks away.").values
    other = director.direct("She leans back and he never looks away.").values
    swapped = {("b" if k[0] == "a" else "a") + k[1:]: v for k, v in other.items()}
    assert one == swapped


def test_what_cannot_be_directed_is_said(director: Director) -> None:
    """Nearly always (docs/directing.md)."""
    texts = {
        "It is raining outside. She leans in.": "raining",
        "She leans in. The lamp is broken.": "lamp",
        "Rain falls on the roof. He nods a lot.": "roof",
        "She leans in. They are talking about the weather.": "weather",
        "He wears a hat. She rarely looks at him.": "hat",
        "There is a dog under the table and she leans in.": "dog",
    }
    directions = {text: director.direct(text) for text in texts}
    assert all(direction.values for direction in directions.values())
    said = [
        any(word in part for part in directions[text].not_understood)
        for text, word in texts.items()
    ]
    assert sum(said) >= 5


def test_numbers_give_the_distance(director: Director) -> None:
    assert director.direct("They stand two metres apart.").distance_m == 2.0
    assert director.direct("They stand 80 cm apart.").distance_m == pytest.approx(0.8)
    assert director.direct("They stand 3 feet apart").distance_m == pytest.approx(0.914, abs=1e-3)
    assert director.direct("She is 20 cm taller than him").distance_m is None


def test_names_pronouns_and_contractions_become_persons() -> None:
    cast = Cast(("Anna", "Ben"), ("she", "he"))
    assert normalised("Ben's eyes never leave Anna", cast)[0] == "[b] eyes never leave [a]"
    assert normalised("The woman won't look at him.")[0] == "[a] will not look at [b] ."
    assert normalised("A leans in. A little later B nods.")[0].startswith("[a] leans in . a little")
    assert normalised("One of them sits, the other stands.")[0] == "[a] sits , [b] stands ."
    both = Cast(("Mia", "Zoe"), ("she", "she"))
    assert normalised("Mia looks at Zoe", both)[0] == "[a] looks at [b]"
    assert clauses("[a] sits , [b] stands while [a] nods") == [
        "[a] sits",
        "[b] stands",
        "while [a] nods",
    ]


def test_unusable_texts_are_refused(director: Director) -> None:
    with pytest.raises(InputError, match="no description"):
        director.direct("  ")
    with pytest.raises(InputError, match="characters"):
        director.direct("x" * 5000)


@pytest.mark.parametrize("text", ["?!", "日本語", "qwxz plonk", "1234", "a", "[a] [b] [c]"])
def test_nonsense_sets_little_and_is_reported(director: Director, text: str) -> None:
    direction = director.direct(text)
    assert len(direction.values) <= 2
    applied = direction.apply()
    assert applied.staging.distance_m > 0
    assert (applied == Scene()) == (not direction.values)
    assert direction.values or direction.not_understood


def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["Anna stares at Ben.", "--names", "Anna", "Ben"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["values"]["a.gaze"] == "always"
    assert 0.5 < printed["confidence"]["a.gaze"] <= 1
    assert main([" "]) == 2
    assert "no description" in capsys.readouterr().err


def test_the_bundle_is_small() -> None:
    sizes = [(ASSETS / name).stat().st_size for name in ("director.model", "director.safetensors")]
    assert sum(sizes) < 2_000_000


def test_a_direction_sets_only_the_sliders_it_names() -> None:
    before = Scene()
    after = Direction({"distance": "far", "a.gaze": "rarely", "b.lean": "in"}).apply(before)
    assert after.staging.distance_m == DISTANCES_M["far"]
    assert after.gaze[0].attention < 0.2
    assert after.gaze[1] == before.gaze[1]
    assert after.staging.seats[1].lean_rad > 0.2
    assert after.staging.seats[0] == before.staging.seats[0]
    assert after.heads == before.heads
    with pytest.raises(InputError, match="cannot set"):
        Direction({"a.gaze": "sideways"})


def test_missing_files_are_named(tmp_path) -> None:
    with pytest.raises(InputError, match=r"director\.model"):
        Director.load(tmp_path)
