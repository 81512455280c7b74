"""Ports of a browser that outlive its sessions: a reload or another network is a new session of the same party."""

from collections.abc import Callable

from pbx_lite.calls.webrtc.ports import BrowserAudio, BrowserVideo
from pbx_lite.media.port import AccessUnit, AudioPacket, AudioSink, Codec, VideoSink


class SteadyAudio:
    """Sound to and from whichever session the browser has now; without one nothing is heard and nothing is agreed."""

    def __init__(self) -> None:
        self.sink: AudioSink | None = None
        self.on_dtmf: Callable[[str], None] | None = None
        self._port: BrowserAudio | None = None

    @property
    def codec(self) -> Codec | None:
        return self._port.codec if self._port is not None else None

    def send(self, packet: AudioPacket) -> None:
        if self._port is not None:
            self._port.send(packet)

    def attach(self, port: BrowserAudio | None) -> None:
        """Speak and listen through this port from now on."""
        if self._port is not None:
            self._port.sink = None
        self._port = port
        if port is not None:
            port.sink = self._received

    def _received(self, packet: AudioPacket) -> None:
        if self.sink is not None:
            self.sink(packet)


class SteadyVideo:
    """Pictures to and from whichever session the browser has now."""

    def __init__(self) -> None:
        self.sink: VideoSink | None = None
        self.on_key_frame_wanted: Callable[[], None] | None = None
        self._port: BrowserVideo | None = None

    def send(self, unit: AccessUnit) -> None:
        if self._port is not None:
            self._port.send(unit)

    def want_key_frame(self) -> None:
        if self._port is not None:
            self._port.want_key_frame()

    def attach(self, port: BrowserVideo | None) -> None:
        """Show and take pictures through this port from now on."""
        if self._port is not None:
            self._port.on_key_frame_wanted = self._port.sink = None
        self._port = port
        if port is not None:
            port.sink = self._received
            port.on_key_frame_wanted = self._wanted
            self._wanted()

    def _received(self, unit: AccessUnit) -> None:
        if self.sink is not None:
            self.sink(unit)

    def _wanted(self) -> None:
        if self.on_key_frame_wanted is not None:
            self.on_key_frame_wanted()
