"""Real RTP on the sockets of phones that are in calls: sent on time, and its delay measured, in one thread."""

import random
import select
import socket
import struct
import time
from dataclasses import dataclass

from tests.support.call_end import CallEnd

_STEP = 0.02
_HEADER = struct.Struct("!BBHIIQ")
_PAYLOAD = 160


@dataclass(slots=True)
class Voice:
    """One end of a call: its socket, where it sends, and its numbers."""

    socket: socket.socket
    target: tuple[str, int]
    ssrc: int
    due: float = 0.0
    sequence: int = 0


def voice(call: CallEnd) -> Voice:
    """Take the sound of this end out of its session's hands; the loop hears nothing of it any more."""
    stream = call.media.audio
    assert stream._loop is not None
    assert stream._rtp is not None
    assert stream._destination is not None
    stream._loop.remove_reader(stream._rtp)
    host, port = stream._destination[:2]
    return Voice(stream._rtp.dup(), (host, port), random.getrandbits(32))


def talk(voices: list[Voice], seconds: float) -> list[float]:
    """All speak for so long, each at its own moment of the 20 ms; the delay of every packet, in seconds."""
    poll, by_number, delays = select.epoll(), {}, []
    for each in voices:
        by_number[each.socket.fileno()] = each.socket
        poll.register(each.socket, select.EPOLLIN)
    begun = time.perf_counter() + 0.05
    for each in voices:
        each.due = begun + random.random() * _STEP
    waiting = sorted(voices, key=lambda each: each.due)
    end = begun + seconds
    place = 0
    while True:
        now = time.perf_counter()
        speaker = waiting[place]
        if now >= speaker.due:
            if now >= end:
                break
            _say(speaker)
            place = (place + 1) % len(waiting)
            continue
        for number, _ in poll.poll(min(speaker.due - now, _STEP)):
            data = by_number[number].recv(2048)
            if len(data) == 12 + _PAYLOAD:
                delays.append((time.perf_counter_ns() - _HEADER.unpack_from(data)[5]) / 1e9)
    poll.close()
    for each in voices:
        each.socket.close()
    return delays


def _say(speaker: Voice) -> None:
    number = speaker.sequence
    head = _HEADER.pack(0x80, 0, number & 0xFFFF, number * 160 & 0xFFFFFFFF, speaker.ssrc, time.perf_counter_ns())
    speaker.socket.sendto(head + bytes(_PAYLOAD - 8), speaker.target)
    speaker.sequence += 1
    speaker.due += _STEP
