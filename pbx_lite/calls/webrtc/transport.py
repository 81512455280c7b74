"""DTLS-SRTP for one session: aiortc's handshake, with RTP handed over as bytes and sent without a coroutine."""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from typing import cast

import pylibsrtp
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport, State
from aiortc.rtcicetransport import RTCIceTransport

from pbx_lite.calls.webrtc.ice import IceConnection

_LOGGER = logging.getLogger(__name__)

_RENEW_BEFORE = dt.timedelta(days=7)

_certificate: RTCCertificate | None = None


def shared_certificate() -> RTCCertificate:
    """The certificate of this process, renewed a week before it expires."""
    global _certificate  # noqa: PLW0603 - one certificate for all sessions makes an answer a millisecond cheaper
    if _certificate is None or _certificate.expires - dt.datetime.now(dt.UTC) < _RENEW_BEFORE:
        _certificate = RTCCertificate.generateCertificate()
    return _certificate


class MediaTransport(RTCDtlsTransport):
    """`on_rtp` and `on_rtcp` get decrypted packets as they arrive; `on_lost` is called once when the path has ended."""

    def __init__(self, ice: IceConnection, *, role: str) -> None:
        super().__init__(cast("RTCIceTransport", ice), [shared_certificate()])
        self.on_rtp: Callable[[bytes], None] | None = None
        self.on_rtcp: Callable[[bytes], None] | None = None
        self.on_lost: Callable[[], None] | None = None
        self._ice = ice
        self._set_role(role)

    @property
    def connected(self) -> bool:
        return self._state is State.CONNECTED

    def send_rtp(self, packet: bytes) -> None:
        """Encrypt and send one RTP packet; dropped where there is no connection."""
        if self._state is State.CONNECTED:
            try:
                self._ice.send_now(self._tx_srtp.protect(packet))
            except pylibsrtp.Error as error:
                _LOGGER.debug("A packet could not be encrypted: %s", error)

    def send_rtcp(self, packet: bytes) -> None:
        if self._state is State.CONNECTED:
            self._ice.send_now(self._tx_srtp.protect_rtcp(packet))

    async def stop(self) -> None:
        """Say goodbye and wait until the receiving task has ended."""
        self.on_rtp = self.on_rtcp = self.on_lost = None
        task = self._task
        await super().stop()
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)
        self.remove_all_listeners()

    def _set_state(self, state: State) -> None:
        super()._set_state(state)
        if state in {State.CLOSED, State.FAILED} and self.on_lost is not None:
            on_lost, self.on_lost = self.on_lost, None
            on_lost()

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        if self.on_rtp is not None:
            self.on_rtp(data)

    async def _handle_rtcp_data(self, data: bytes) -> None:
        if self.on_rtcp is not None:
            self.on_rtcp(data)
