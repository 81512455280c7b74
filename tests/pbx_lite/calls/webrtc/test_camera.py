"""What a browser's camera sends becomes pictures, and what is missing is asked for."""

from collections.abc import Sequence

from pbx_lite.calls.webrtc.camera import CameraStream
from pbx_lite.calls.webrtc.offer import Format
from pbx_lite.media.h264_payload import packetize
from pbx_lite.media.port import AccessUnit
from tests.support.clock import FakeClock
from tests.support.pictures import units

PACKETS = [
    (payload, unit.timestamp, index == len(payloads) - 1)
    for unit in units(12)
    for payloads in [packetize(unit.nals)]
    for index, payload in enumerate(payloads)
]
_H264, _AGAIN, _OTHER = 102, 103, 96


class Camera:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.pictures: list[AccessUnit] = []
        self.asked: list[tuple[int, list[int]]] = []
        formats = (Format(_H264, "H264/90000", rtx=_AGAIN),)
        self.stream = CameraStream(self.clock, formats, self.pictures.append, self._ask)

    def send(self, number: int, *, again: bool = False, ssrc: int = 7) -> bool:
        payload, ticks, marker = PACKETS[number]
        if again:
            return self.stream.take(_AGAIN, 8, 1, ticks, number.to_bytes(2) + payload, marker=marker)
        return self.stream.take(_H264, ssrc, number, ticks, payload, marker=marker)

    def _ask(self, ssrc: int, missing: Sequence[int]) -> None:
        self.asked.append((ssrc, list(missing)))


def test_packets_become_pictures() -> None:
    camera = Camera()
    for number in range(len(PACKETS)):
        assert camera.send(number)
    assert [unit.key for unit in camera.pictures] == [unit.key for unit in units(12)]
    assert camera.asked == []


def test_what_is_missing_is_asked_for_and_taken_when_it_comes_again() -> None:
    camera = Camera()
    for number in range(len(PACKETS)):
        if number not in {3, 4}:
            camera.send(number)
        if number == 5:
            assert not any(camera.send(missing, again=True) for missing in (3, 4))
    assert camera.asked == [(7, [3, 4])]
    assert len(camera.pictures) == 12


def test_what_never_comes_again_is_replaced_by_a_key_frame() -> None:
    camera = Camera()
    camera.send(0)
    camera.send(3)
    camera.clock.advance(1)
    for number in range(4, len(PACKETS)):
        camera.send(number)
    assert (7, []) in camera.asked


def test_a_key_frame_is_wanted_once_a_second_and_before_the_first_packet_too() -> None:
    camera = Camera()
    camera.stream.want_key_frame()
    assert camera.asked == []
    camera.send(0)
    assert camera.asked == [(7, [])]
    camera.stream.want_key_frame()
    assert len(camera.asked) == 1


def test_another_stream_begins_anew_and_others_are_none_of_its_business() -> None:
    camera = Camera()
    camera.send(0)
    camera.send(9, ssrc=9)
    camera.stream.want_key_frame()
    assert [ssrc for ssrc, _ in camera.asked] == [9]
    assert camera.stream.carries(_AGAIN)
    assert not camera.stream.carries(_OTHER)
