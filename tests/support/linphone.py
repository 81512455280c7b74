"""linphonec as a phone: registers, calls, answers; says a file and records what it hears."""

import asyncio
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tests.support.ports import free_port, free_ports
from tests.support.process import Child

_CONFIG = """\
[sip]
sip_port={sip_port}
sip_tcp_port={sip_port}
sip_tls_port={tls_port}
use_ipv6=0
guess_hostname=1
verify_server_certs=0
verify_server_cn=0
contact="Linphone" <sip:{user}@127.0.0.1>
[rtp]
audio_rtp_port={rtp_port}
video_rtp_port={video_port}
[video]
enabled=0
capture=0
display=0
automatically_initiate=0
automatically_accept=0
[misc]
{more}
"""


class Linphone:
    """One phone.  Its commands are those of linphonec; `wait_for` looks through all it printed."""

    def __init__(self, folder: Path, *, user: str) -> None:
        self.folder = folder
        self.user = user
        self.recording = folder / "heard.wav"
        self._child: Child | None = None

    async def start(self, *, voice: Path | None = None, provisioning: str = "") -> Self:
        """Without its own account yet; `provisioning` is an address to fetch its configuration from."""
        for part in (".local/share/linphone", ".config/linphone"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        rtp = free_ports(4)
        config = self.folder / "linphonerc"
        config.write_text(
            _CONFIG.format(
                user=self.user,
                sip_port=free_port(),
                tls_port=free_port(),
                rtp_port=rtp,
                video_port=rtp + 2,
                more=f"config-uri={provisioning}" if provisioning else "",
            )
        )
        command: list[str | Path] = ["env", f"HOME={self.folder}", "linphonec", "-c", config, "-d", "0"]
        self._child = await Child.start("linphonec", command, log=self.folder / "log", stdin=asyncio.subprocess.PIPE)
        await self._child.wait_for("Warning: video is disabled|linphonec>")
        if voice is not None:
            await self.type("soundcard use files", f"play {voice}", f"record {self.recording}")
        return self

    async def register(self, password: str, server: str, *, transport: str = "udp") -> None:
        """Have it register; the PBX tells when it has."""
        await self.type(f"register sip:{self.user}@{server} sip:{server};transport={transport} {password}")

    async def type(self, *lines: str) -> None:
        assert self._child
        assert self._child.process.stdin
        for line in lines:
            self._child.process.stdin.write(f"{line}\n".encode())
        await self._child.process.stdin.drain()

    async def wait_for(self, pattern: str, *, timeout: float = 30) -> str:
        assert self._child
        return await self._child.wait_for(pattern, timeout=timeout)

    async def stop(self) -> None:
        if self._child:
            await self._child.stop(timeout=2)
            self._child = None

    def heard(self) -> NDArray[np.int16]:
        """What it recorded so far; the file is still being written, so its header is not believed."""
        data = self.recording.read_bytes()[44:] if self.recording.exists() else b""
        return np.frombuffer(data[: len(data) // 2 * 2], "<i2")
