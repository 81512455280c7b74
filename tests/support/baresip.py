"""baresip as a video door station: registers, rings, sends H.264 and a tone, records what it hears, takes keys."""

import asyncio
import json
import wave
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pbx_lite.tasks import spawn
from tests.support.ports import free_port, free_ports
from tests.support.process import Child

MODULES = Path("/usr/lib/baresip/modules")

_CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{sip_port}
sip_verify_server no
call_local_timeout 120
call_max_calls 4
call_hold_other_calls no
audio_player aubridge,nobody
audio_source aufile,{voice}
audio_alert aubridge,nobody
ausrc_srate {rate}
auplay_srate {rate}
audio_level no
{camera}
video_size 320x240
video_bitrate 300000
video_fps 15.00
rtp_ports {rtp}
rtcp_mux no
jitter_buffer_delay 1-5
rtp_timeout 60
module_path {modules}
module {codec}.so
module srtp.so
module aufile.so
module aubridge.so
module sndfile.so
snd_path .
{codecs}
module ctrl_tcp.so
module_app account.so
module_app menu.so
ctrl_tcp_listen 127.0.0.1:{control_port}
net_interface 127.0.0.1
"""


class Baresip:
    """One station.  `events` are what it reports over its control connection, oldest first.

    It speaks A-law, or G.722 where it is `wideband`.

    It runs in `folder` and gets every path relative to it: baresip cuts names off after 127 characters, and a cut
    name of a recording no longer says which direction it holds.
    """

    def __init__(
        self,
        folder: Path,
        *,
        user: str,
        password: str,
        server: str,
        transport: str = "udp",
        answers: bool = True,
        encryption: str = "",
        wideband: bool = False,
        registers: bool = True,
        port: int = 0,
    ) -> None:
        self.folder = folder
        self.user = user
        self.sip_port = port or free_ports(2)  # it takes the next one for TLS
        self.control_port = free_port()
        self.events: list[dict[str, Any]] = []
        self._changed = asyncio.Event()
        self._wideband = wideband
        codec = "G722/16000/1" if wideband else "PCMA/8000/1"
        register, answer = 600 if registers else 0, "auto" if answers else "manual"
        self._account = (
            f"<sip:{user}@{server};transport={transport}>;auth_user={user};auth_pass={password};"
            f"regint={register};audio_codecs={codec};video_codecs=h264;answermode={answer}"
            f"{f';mediaenc={encryption}' if encryption else ''}\n"
        )
        self._server = server
        self._child: Child | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def start(self, *, film: Path | None, voice: Path) -> Self:
        """Start and wait for its control connection; registering goes on.  Without a film it sends no picture."""
        self.folder.mkdir(parents=True, exist_ok=True)
        first = free_ports(20)
        config = _CONFIG.format(
            sip_port=self.sip_port,
            control_port=self.control_port,
            voice=voice.relative_to(self.folder, walk_up=True),
            camera=f"video_source avformat,{film.relative_to(self.folder, walk_up=True)}" if film else "",
            rtp=f"{first}-{first + 19}",
            modules=MODULES,
            rate=16000 if self._wideband else 8000,
            codec="g722" if self._wideband else "g711",
            codecs="module avcodec.so\nmodule avformat.so" if film else "",
        )
        (self.folder / "config").write_text(config)
        (self.folder / "accounts").write_text(
            self._account if film else self._account.replace("video_codecs=h264;", "")
        )
        (self.folder / "contacts").write_text("")
        command = ["baresip", "-f", ".", "-v"]
        self._child = await Child.start("baresip", command, cwd=self.folder, log=self.folder / "log")
        async with asyncio.timeout(30):
            while True:
                try:
                    reader, self._writer = await asyncio.open_connection("127.0.0.1", self.control_port)
                    break
                except OSError:
                    assert self._child.process.returncode is None, self._child.tail()
                    await asyncio.sleep(0.05)
        spawn(self._read(reader), name="baresip control")
        return self

    async def stop(self) -> None:
        if self._writer:
            self._writer.close()
        if self._child:
            await self._child.stop(timeout=3)

    async def registered(self, *, timeout: float = 30) -> None:
        assert self._child
        await self._child.wait_for(r"200 OK .*\[\d+ binding", timeout=timeout)

    async def command(self, command: str, params: str = "") -> None:
        assert self._writer
        message = json.dumps({"command": command, "params": params, "token": command})
        self._writer.write(f"{len(message)}:{message},".encode())
        await self._writer.drain()

    async def press_bell(self, number: str = "100") -> None:
        await self.command("dial", f"sip:{number}@{self._server}")

    async def press(self, keys: str) -> None:
        """Press keys in the call: they go as RFC 4733 events."""
        for key in keys:
            await self.command("sndcode", key)

    async def hang_up(self) -> None:
        await self.command("hangup")

    async def until(self, kind: str, *, timeout: float = 30, **fields: Any) -> dict[str, Any]:
        """The first event of this type with these fields, reported already or to come."""
        try:
            async with asyncio.timeout(timeout):
                while True:
                    self._changed.clear()
                    for event in self.events:
                        if event.get("type") == kind and all(
                            event.get(name) == value for name, value in fields.items()
                        ):
                            return event
                    await self._changed.wait()
        except TimeoutError:
            kinds = [(event.get("type"), event.get("param")) for event in self.events]
            said = self._child.tail(30) if self._child else ""
            raise AssertionError(f"baresip reported no {kind} {fields} in {timeout} s, but {kinds}\n{said}") from None

    def has(self, kind: str) -> bool:
        """Whether this was reported already."""
        return any(event.get("type") == kind for event in self.events)

    def forget(self) -> None:
        """Leave out what was reported until now."""
        self.events.clear()

    async def speaks(self, *, seconds: float, timeout: float = 60) -> None:
        """Wait until it has sent so much more of its voice, narrowband."""
        until = self._sent() + seconds * 8000 * 2
        async with asyncio.timeout(timeout):
            while True:
                if self._sent() >= until:
                    return
                await asyncio.sleep(0.2)

    def _sent(self) -> int:
        return sum(path.stat().st_size for path in self.folder.glob("dump-*-enc*"))

    async def until_digits(self, digits: str, *, timeout: float = 30) -> None:
        """Wait until these keys have arrived, in this order."""
        try:
            async with asyncio.timeout(timeout):
                while not self.digits.endswith(digits):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"the keys {self.digits!r} arrived, not {digits!r}") from None

    @property
    def digits(self) -> str:
        """Every key that arrived."""
        return "".join(event.get("param", "") for event in self.events if event.get("type") == "CALL_DTMF_START")

    def sound(self) -> NDArray[np.int16]:
        """What it has heard so far, at 8 kHz, or 16 where it is wideband.

        The file is still being written, so its header is not believed.
        """
        data = b"".join(path.read_bytes()[44:] for path in sorted(self.folder.glob("dump-*-dec*")))
        return np.frombuffer(data[: len(data) // 2 * 2], "<i2")

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Netstrings of JSON, until the connection ends."""
        try:
            while True:
                length = int((await reader.readuntil(b":"))[:-1])
                body = (await reader.readexactly(length + 1))[:-1]
                message = json.loads(body)
                if message.get("event"):
                    self.events.append(message)
                    self._changed.set()
        except asyncio.IncompleteReadError, ConnectionError:
            return


async def make_film(path: Path, *, size: str = "320x240", rate: int = 15, seconds: int = 120) -> Path:
    """A test picture that moves, as H.264 in an MP4."""
    source = f"testsrc=size={size}:rate={rate}:duration={seconds}"
    encode = [
        "-c:v",
        "libx264",
        "-profile:v",
        "baseline",
        "-preset",
        "ultrafast",
        "-g",
        str(rate * 2),
        "-pix_fmt",
        "yuv420p",
    ]
    command: list[str | Path] = ["ffmpeg", "-y", "-loglevel", "error", "-f", "lavfi", "-i", source, *encode, path]
    child = await Child.start("ffmpeg", command)
    assert await child.wait(timeout=60) == 0, child.tail()
    return path


def make_voice(path: Path, *, hertz: float = 440, seconds: int = 120, rate: int = 8000) -> Path:
    """A steady tone, what the door says."""
    t = np.arange(rate * seconds)
    samples = (np.sin(2 * np.pi * hertz * t / rate) * 0.3 * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path
