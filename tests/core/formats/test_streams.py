"""Packets of Live Link Face and VMC as their listeners read them."""

import struct

import numpy as np
import pytest
from dualtalk.core.formats import live_link, streams
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD


def face() -> Motion:
    motion = Motion.at_rest(1)
    motion.expression[0, ARKIT_INDEX["mouthLeft"]] = 0.25
    motion.expression[0, ARKIT_INDEX["eyeBlinkRight"]] = 0.75
    motion.jaw[0] = [0.5 * JAW_OPEN_RAD, 0.06, 0]
    motion.head[0] = [0, 0.3, 0]
    return motion


@pytest.mark.parametrize(
    ("fps", "rate"), [(24, (24, 1)), (25, (25, 1)), (24000 / 1001, (24000, 1001)), (60, (60, 1))]
)
def test_live_link_is_read_as_its_listeners_do(fps: float, rate: tuple[int, int]) -> None:
    packet = streams.live_link_packet("Änne", face(), 1001, fps)
    assert struct.unpack_from("<I", packet) == (6,)
    assert packet[4:5] == b"$"
    at = 4 + 37
    (length,) = struct.unpack_from(">i", packet, at)
    assert packet[at + 4 : at + 4 + length].decode() == "Änne"
    at += 4 + length
    assert struct.unpack_from(">ifii", packet, at) == (1001, 0.0, *rate)
    assert packet[at + 16] == 61
    values = dict(zip(streams.STREAMED, struct.unpack_from(">61f", packet, at + 17), strict=True))
    assert len(packet) == at + 17 + 61 * 4
    assert values["MouthLeft"] == pytest.approx(0.25)
    assert values["MouthRight"] == 0
    assert values["EyeBlinkRight"] == pytest.approx(0.75)
    assert values["JawOpen"] == pytest.approx(0.5)
    assert values["JawLeft"] == pytest.approx(0.5)
    assert values["HeadYaw"] == pytest.approx(0.3)


def test_the_order_is_the_apps() -> None:
    assert sorted(streams.STREAMED) == sorted(live_link.COLUMNS)
    assert streams.STREAMED.index("JawLeft") == streams.STREAMED.index("JawRight") - 1
    assert streams.STREAMED.index("MouthLeft") == streams.STREAMED.index("MouthRight") - 1


def test_a_subject_keeps_its_identity() -> None:
    one, other = (streams.live_link_packet(name, face(), 1, 25)[5:41] for name in "AB")
    assert one == streams.live_link_packet("A", face(), 2, 25)[5:41]
    assert one != other


def test_vmc_is_a_bundle_of_all_shapes() -> None:
    bundle = streams.vmc_bundle(face())
    assert bundle[:16] == b"#bundle\0" + struct.pack(">Q", 1)
    values, bones, addresses, at = {}, {}, [], 16
    while at < len(bundle):
        (size,) = struct.unpack_from(">i", bundle, at)
        message, at = bundle[at + 4 : at + 4 + size], at + 4 + size
        assert size % 4 == 0
        address = message[: message.index(b"\0")].decode()
        addresses.append(address)
        rest = message[len(address) + 4 - len(address) % 4 :]
        if address == "/VMC/Ext/Bone/Pos":
            assert rest[:9] == b",sfffffff"
            bones[rest[12:].split(b"\0")[0].decode()] = struct.unpack(">7f", rest[-28:])
        if address.endswith("Val"):
            assert rest[:4] == b",sf\0"
            name = rest[4:].split(b"\0")[0].decode()
            values[name] = struct.unpack(">f", rest[-4:])[0]
    assert len(values) == 52
    assert addresses[-1] == "/VMC/Ext/Blend/Apply"
    assert values["mouthLeft"] == pytest.approx(0.25)
    assert values["jawOpen"] == pytest.approx(0.5)
    assert np.isfinite(list(values.values())).all()
    assert list(bones) == ["Head", "LeftEye", "RightEye"]
    # To the own left is about +y in FLAME's axes, and about -y in Unity's, which are left-handed.
    assert bones["Head"] == pytest.approx((0, 0, 0, 0, -np.sin(0.15), 0, np.cos(0.15)))
    assert bones["LeftEye"] == pytest.approx((0, 0, 0, 0, 0, 0, 1))
