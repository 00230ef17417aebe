"""Files of arrays are limited by what they say, before anything is allocated."""

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core import arrays
from dualtalk.core.arrays import read_npy, read_npz
from dualtalk.core.errors import InputError

RIGHT = {
    "floats": np.arange(6.0).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6, dtype=np.int32).reshape(2, 3)),
    "big": np.arange(3, dtype=">f4"),
    "text": np.array(["a", "bcd"]),
    "one": np.float64(25),
    "none": np.zeros((0, 3), np.float32),
    "bits": np.array([True, False]),
}


def header(text: str) -> bytes:
    """Return the beginning of an array with this header."""
    line = text.encode() + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(line)) + line


def asking(shape: str, descr: str = "<f4") -> bytes:
    return header(f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}")


def archive(path: Path, members: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_writes_is_read_as_numpy_reads_it(save: object, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    save(path, **RIGHT)  # type: ignore[operator]
    found = read_npz(path)
    assert set(found) == set(RIGHT)
    for name, array in RIGHT.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype.newbyteorder("=")
        assert found[name].flags.writeable
    np.save(tmp_path / "a.npy", RIGHT["fortran"])
    np.testing.assert_array_equal(read_npy(tmp_path / "a.npy"), RIGHT["fortran"])


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    whole = io.BytesIO()
    np.save(whole, np.ones(3))
    bomb = asking("(1000000000,)") + bytes(1 << 24)
    path = archive(tmp_path / "a.npz", {"wanted.npy": whole.getvalue(), "unused.npy": bomb})
    assert set(read_npz(path, ("wanted", "absent"))) == {"wanted"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (asking("(1000000000,)") + bytes(1 << 22), "asks for 4000000000 bytes"),
        (asking("(100000000,)") + bytes(1 << 22), "400000000 bytes is said to be in"),
        (asking("(2147483649, 0)"), "is of shape"),
        (asking("(1, 1, 1, 1, 1, 1, 1, 1, 1)") + bytes(4), "is of shape"),
        (asking("(-1,)"), "not as numpy writes it"),
        (asking("(2,)", "|O"), "arrays of '|O'"),
        (asking("(2,)", "|V8"), "arrays of '|V8'"),
        (asking("(2,)", "<c16"), "arrays of '<c16'"),
        (asking("(2,)", "<U99999"), "arrays of '<U99999'"),
        (asking("(2,)") + bytes(4), "is said to be in|ends too early"),
        (asking("(2,)") + bytes(12), "more follows"),
        (header("[" * 3000), "not as numpy writes it"),
        (header(" " * 9000), "header has 9001 bytes"),
        (b"\x93NUMPY\7\0\0\0", "no array"),
        (b"", "no array"),
    ],
)
def test_what_asks_for_too_much_or_is_no_array_is_refused_by_arithmetic(
    content: bytes, said: str, tmp_path: Path
) -> None:
    path = archive(tmp_path / "a.npz", {"a.npy": content})
    tracemalloc.start()
    with pytest.raises(InputError, match=said.replace("|O", r"\|O").replace("|V", r"\|V")) as error:
        read_npz(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20
    assert len(str(error.value)) < 300


def test_too_many_members_and_ways_of_packing_are_refused(tmp_path: Path) -> None:
    many = archive(tmp_path / "many.npz", {f"{n}.npy": b"" for n in range(300)})
    with pytest.raises(InputError, match="300 members"):
        read_npz(many)
    packed = archive(tmp_path / "lzma.npz", {"a.npy": b"x"}, zipfile.ZIP_LZMA)
    with pytest.raises(InputError, match="numpy never uses"):
        read_npz(packed)
    twice = archive(tmp_path / "two.npz", {"a.npy": b"", "b.npy": b""})
    twice.write_bytes(twice.read_bytes().replace(b"b.npy", b"a.npy"))
    with pytest.raises(InputError, match="2 members of 1 names"):
        read_npz(tmp_path / "two.npz")


def test_all_arrays_together_stay_within_the_limit(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.zeros(1000), b=np.zeros(1000))
    with pytest.raises(InputError, match="8000 bytes of memory, and 4000 is the most"):
        read_npz(tmp_path / "a.npz", most_bytes=12_000)
    assert arrays.MOST_BYTES < 1 << 30


def test_a_damaged_member_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.arange(100.0))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[400] ^= 1
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(InputError, match="CRC"):
        read_npz(tmp_path / "a.npz")
    with pytest.raises(InputError, match="does not exist"):
        read_npz(tmp_path / "none.npz")
