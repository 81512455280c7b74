"""Real RTP on the sockets of people in a room: what is sent when, and when the kernel saw what they hear."""

import random
import select
import socket
import struct
import time
from dataclasses import dataclass, field

from pbx_lite.media.codecs import decoded_samples, encode_samples
from pbx_lite.media.port import PCMU

_STEP = 0.02
_HEADER = struct.Struct("!BBHII")
_STAMP = struct.Struct("qq")
_SO_TIMESTAMPNS = 35  # not in Python's socket module: when the kernel took a packet, as seconds and nanoseconds
_SILENCE = encode_samples(PCMU, [0] * 160)
_CLAP = encode_samples(PCMU, [30000 if at // 8 % 2 else -30000 for at in range(160)])
_LINEAR = [abs(sample) for sample in decoded_samples(PCMU)]
_AUDIBLE = 300
_EVERY = 0.5  # seconds between two claps of one person


@dataclass(slots=True)
class Person:
    """One end: its socket and where it sends; `heard` are (when, RTP timestamp) of all packets that came."""

    socket: socket.socket
    target: tuple[str, int]
    ssrc: int = field(default_factory=lambda: random.getrandbits(32))
    due: float = 0.0
    sequence: int = 0
    heard: list[tuple[float, int]] = field(default_factory=list)


def take_part(people: list[Person], seconds: float, *, talking: bool, listener: Person | None = None) -> list[float]:
    """All speak for so long, each at its own moment of the 20 ms, or are silent and clap one after the other.

    What is returned are the seconds by which `listener` heard each clap later than it would have without a room.
    """
    poll, by_number = select.epoll(), {}
    for each in people:
        each.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        each.socket.setblocking(False)
        by_number[each.socket.fileno()] = each
        poll.register(each.socket, select.EPOLLIN)
    dice = random.Random(1)
    words = [encode_samples(PCMU, [int(dice.gauss(0, 3000)) for _ in range(160)]) for _ in range(23)]
    begun = time.perf_counter() + 0.05
    for each in people:
        each.due = begun + random.random() * _STEP
    clapping = [each for each in people if each is not listener]
    next_clap = begun + 1.0
    clapped, delays = 0.0, []
    waiting = sorted(people, key=lambda each: each.due)
    end, place = begun + seconds, 0
    while True:
        now = time.perf_counter()
        speaker = waiting[place]
        if now >= speaker.due:
            if now >= end:
                break
            payload = words[(speaker.sequence + place) % len(words)] if talking else _SILENCE
            if not talking and now >= next_clap and speaker in clapping:
                payload, clapped, next_clap = _CLAP, time.time(), now + _EVERY + random.random() * 0.1
            _say(speaker, payload)
            place = (place + 1) % len(waiting)
            continue
        for number, _ in poll.poll(min(speaker.due - now, _STEP)):
            person = by_number[number]
            data, extra, _, _ = person.socket.recvmsg(2048, 64)
            if len(data) != 172:
                continue
            nanoseconds = _STAMP.unpack(extra[0][2])
            at = nanoseconds[0] + nanoseconds[1] / 1e9
            person.heard.append((at, _HEADER.unpack_from(data)[3]))
            if clapped and person is listener and (offset := _begin(data)) is not None:
                delays.append(at + offset / 8000 - clapped)
                clapped = 0.0
    poll.close()
    return delays


def lateness(people: list[Person]) -> list[float]:
    """How long after its tick each packet left, in seconds, sorted: ticks are where the earliest packet of all says."""
    firsts = []
    for person in people:
        origin = person.heard[0][1]
        person.heard = [(at, (stamp - origin & 0xFFFFFFFF) // 160) for at, stamp in person.heard]
        firsts.append(min(at - number * _STEP for at, number in person.heard))
    # The packets of a tick leave one after the other: the phase of the one that leaves first is the tick's.
    anchor = firsts[0]
    phases = [(first - anchor + _STEP / 2) % _STEP - _STEP / 2 for first in firsts]
    base = anchor + min(phases)
    found = []
    for person, first in zip(people, firsts, strict=True):
        ticks = round((first - base - (first - base) % _STEP) / _STEP)
        found += [at - number * _STEP - base - ticks * _STEP for at, number in person.heard]
    return sorted(found)


def _begin(data: bytes) -> int | None:
    """The first sample that can be heard."""
    return next((at for at, code in enumerate(data[12:]) if _LINEAR[code] > _AUDIBLE), None)


def _say(speaker: Person, payload: bytes) -> None:
    number = speaker.sequence
    head = _HEADER.pack(0x80, 0, number & 0xFFFF, number * 160 & 0xFFFFFFFF, speaker.ssrc)
    speaker.socket.sendto(head + payload, speaker.target)
    speaker.sequence += 1
    speaker.due += _STEP
