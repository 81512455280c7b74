"""A room without SIP, a process of its own: the owners of the ports given take part, the ports printed are theirs."""

import asyncio
import gc
import sys

from pbx_lite.__main__ import _loop_factory
from pbx_lite.media.mixer import Mixer
from pbx_lite.media.port import PCMU
from pbx_lite.media.port_pool import PortPool
from pbx_lite.media.session import MediaSession

_SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {} RTP/AVP 0\r\n"


async def run(ports: list[int]) -> None:
    loop = asyncio.get_running_loop()
    mixer = Mixer(loop)
    pool = PortPool("40000-60000")
    own = []
    for port in ports:
        session = MediaSession(pool, "127.0.0.1", clock=loop, codecs=(PCMU,))
        await session.open()
        session.answer(_SDP.format(port).encode())
        mixer.add(session.audio)
        own.append(str(session.audio.port))
    gc.collect()
    gc.freeze()
    sys.stdout.write(f"ports {' '.join(own)}\n")
    sys.stdout.flush()
    while True:
        await asyncio.sleep(5)
        late = sum(member.late for member in mixer.members)
        depth = sum(member.depth for member in mixer.members) / max(1, len(mixer.members))
        sys.stdout.write(f"skipped {mixer.skipped} late {late} depth {depth:.2f}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run([int(port) for port in sys.argv[1:]]))
