"""An animator's table of keys goes before all names, and survives files."""

from pathlib import Path

import pytest
from dualtalk.core.errors import InputError
from dualtalk.core.faces import shape_table
from dualtalk.core.faces.shape_names import match
from dualtalk.core.faces.shape_table import Row

ROWS = [
    Row("Mund_auf", "jawOpen", 0.8),
    Row("Grinsen", "mouthSmileLeft", 1.0),
    Row("Grinsen", "mouthSmileRight", 1.0),
    Row("jawOpen"),
    Row("目, 閉じ", "eyeBlinkLeft", -0.5),
]


@pytest.mark.parametrize("suffix", shape_table.SUFFIXES)
def test_tables_survive_a_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"anna{suffix}"
    shape_table.write(path, ROWS)
    assert shape_table.read(path) == ROWS
    assert shape_table.rows(shape_table.table(ROWS)) == ROWS


def test_a_table_goes_before_names() -> None:
    keys = ["Mund_auf", "Grinsen", "jawOpen", "eyeBlinkRight", "other"]
    found = match([keys], shape_table.table(ROWS))
    assert found.weights[0]["Mund_auf"] == {"jawOpen": 0.8}
    assert found.weights[0]["Grinsen"]["mouthSmileLeft"] == 1.0
    assert "jawOpen" not in found.weights[0]  # it is left alone
    assert found.weights[0]["eyeBlinkRight"]["eyeBlinkRight"] == 1.0  # by its name
    assert found.weights[0]["Mund_auf"] == {"jawOpen": 0.8}  # likenesses add nothing to it
    assert "jawOpen" in found.direct
    assert "jawOpen" not in found.missing


def test_only_its_keys_that_are_there_count() -> None:
    found = match([["jawOpen_L"], ["Mund_auf"]], {"Mund_auf": {"jawOpen": 1.0}, "gone": {}})
    assert found.weights[1] == {"Mund_auf": {"jawOpen": 1.0}}
    assert "jawOpen_L" not in found.weights[0]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "key,control,factor\nx,jawopen,1\n", "'jawopen', which there is not"),
        ("a.csv", "key,control,factor\n,jawOpen,1\n", "names no key"),
        ("a.csv", "key,control,factor\nx,jawOpen,nan\n", "factor nan"),
        ("a.csv", "key,control,factor\nx,jawOpen,much\n", "no mapping table"),
        ("a.csv", "name,value\nx,1\n", "lacks the column key"),
        ("a.json", '{"version": 9, "rows": []}', "version 9"),
        ("a.json", "[]", "no mapping table"),
        ("a.txt", "", "give .csv or .json"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=said):
        shape_table.read(tmp_path / name)
