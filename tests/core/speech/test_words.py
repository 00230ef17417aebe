"""Words in time: kept, moved, said otherwise."""

import pytest
from dualtalk.core.errors import InputError
from dualtalk.core.speech import words as w
from dualtalk.core.speech.words import Phone, SpokenWord


def two() -> w.Words:
    """Return "my", at once "boy", and after a pause "yes"."""
    return (
        SpokenWord("my", (Phone("M", 1.0, 1.1), Phone("AY", 1.1, 1.3))),
        SpokenWord("boy", (Phone("B", 1.3, 1.4), Phone("OY", 1.4, 1.6)), 0.5),
        SpokenWord("yes", (Phone("Y", 2.0, 2.1), Phone("EH", 2.1, 2.2), Phone("S", 2.2, 2.4))),
    )


def test_json_keeps_all() -> None:
    assert w.from_json(w.to_json(two())) == two()
    for damage in ({"text": "a", "fit": 1, "phones": []},
                   {"text": "a", "fit": 1, "phones": [["QQ", 0, 1]]},
                   {"text": "a", "fit": 1, "phones": [["B", 1, 0]]}):  # fmt: skip
        with pytest.raises(ValueError, match="phone"):
            w.from_json([damage])


def test_an_edge_moves_what_touches_it_and_no_more() -> None:
    moved = w.with_edge(two(), 2, 1.2)
    assert (moved[0].end_s, moved[1].start_s) == (1.2, 1.2)
    assert moved[2] == two()[2]
    assert w.with_edge(two(), 4, 1.8)[1].end_s == 1.6  # a pause lies between
    assert w.with_end(two(), 3, 1.9)[1].end_s == 1.9
    assert w.with_end(two(), 1, 1.2)[1].start_s == 1.2


def test_edges_never_cross() -> None:
    assert w.with_edge(two(), 1, 9.0)[0].phones[1].start_s == pytest.approx(1.28)
    assert w.with_edge(two(), 1, 0.0)[0].phones[0].end_s == pytest.approx(1.02)
    assert w.with_edge(two(), 4, 0.0)[2].start_s == 1.6
    assert w.with_end(two(), 6, 1.0)[2].end_s == pytest.approx(2.22)


def test_a_word_is_said_otherwise() -> None:
    same_count = w.with_text(two(), 0, "by", ("B", "AY"))
    assert same_count[0].phones == (Phone("B", 1.0, 1.1), Phone("AY", 1.1, 1.3))
    three = w.with_text(two(), 0, "mine", ("M", "AY", "N"))[0].phones
    assert [phone.end_s for phone in three] == pytest.approx([1.1, 1.2, 1.3])
    for phones, wrong in (((), "at least one"), (("XX",), "XX is no phone")):
        with pytest.raises(InputError, match=wrong):
            w.with_text(two(), 0, "x", phones)


def test_words_come_and_go() -> None:
    assert w.at(two(), 1.45) == 1
    assert w.at(two(), 1.8) is None
    assert [one.text for one in w.without(two(), 1)] == ["my", "yes"]
    added = w.with_word(two(), SpokenWord("oh", (Phone("OW", 1.7, 1.9),)))
    assert [one.text for one in added] == ["my", "boy", "oh", "yes"]
    with pytest.raises(InputError, match="Another word"):
        w.with_word(two(), SpokenWord("oh", (Phone("OW", 1.5, 1.9),)))


def test_words_become_a_transcript() -> None:
    other = (SpokenWord("oh", (Phone("OW", 1.7, 1.8),)),)
    assert w.as_transcript((two(), other)) == "A: my boy\nB: oh\nA: yes\n"
