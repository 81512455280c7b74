"""A camera whose picture and sound are native WebRTC, answered by the PBX: a door's, a conference room's.

A session that closes is not the end of a call: the stock dialog closes and reopens its session when the microphone is
switched on, and the PBX keeps the call meanwhile.
"""

import re
from abc import abstractmethod
from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import Any

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.components import camera as camera_component
from homeassistant.components.camera import Camera, CameraEntityFeature, WebRTCAnswer, WebRTCError, WebRTCSendMessage
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.exceptions import HomeAssistantError
from webrtc_models import RTCIceCandidateInit, RTCIceServer

from .const import DOMAIN, LOGGER
from .entity import PascomEntity, as_home_assistant_error
from .wire.errors import PascomError
from .wire.models import Actor

# Home Assistant 2026.11 and newer; its button "Start talking" depends on it.
_Capabilities: Any = getattr(camera_component, "CameraEntityCapabilities", None)
# aiortc gathers from each; more make an offer slow, not better.
_MAX_ICE_SERVERS = 10
_AUDIO = re.compile(r"^m=audio .*?(?=^m=|\Z)", re.MULTILINE | re.DOTALL)
_NOT_SENDING = re.compile(r"^a=(recvonly|inactive)\r?$", re.MULTILINE)


class _Session:
    """A browser's session: where its messages go, and the candidates that came before the answer."""

    __slots__ = ("answered", "early", "forget", "send")

    def __init__(self, send: WebRTCSendMessage, forget: CALLBACK_TYPE) -> None:
        self.send = send
        self.forget = forget
        self.early: list[RTCIceCandidateInit] = []
        self.answered = False


class WebRtcCamera(PascomEntity, Camera):
    """Who uses it calls `_begin` where it is made, and says in `_watch` what is watched."""

    _attr_name = None
    _attr_supported_features = CameraEntityFeature.STREAM

    def _begin(self) -> None:
        Camera.__init__(self)
        self._webrtc: dict[str, _Session] = {}

    @abstractmethod
    async def _watch(self, session: str, offer: str, ice_servers: list[dict[str, Any]], actor: Actor | None) -> str:
        """The SDP answer.  Raises PascomError."""

    def _note_two_way(self, *, two_way: bool) -> None:
        if _Capabilities is not None:
            self._attr_camera_entity_capabilities = _Capabilities(two_way_audio=two_way)

    async def async_will_remove_from_hass(self) -> None:
        await super().async_will_remove_from_hass()
        for session_id in list(self._webrtc):
            self.close_webrtc_session(session_id)

    async def async_handle_async_webrtc_offer(
        self, offer_sdp: str, session_id: str, send_message: WebRTCSendMessage
    ) -> None:
        session = _Session(
            send_message, self.coordinator.listen_to_session(session_id, partial(self._ended, session_id))
        )
        self._webrtc[session_id] = session
        try:
            actor = await self._viewer(offer_sdp)
            answer = await self._watch(session_id, offer_sdp, self._ice_servers(), actor)
        except PascomError as err:
            if self._forget(session_id):
                raise as_home_assistant_error(err) from err
            return  # closed while the offer was under way: nobody waits for the answer
        except BaseException:
            self._forget(session_id)
            raise
        if session_id not in self._webrtc:
            # It was closed before the PBX had the session.
            await self._close(session_id)
            return
        session.answered = True
        send_message(WebRTCAnswer(answer))
        early, session.early = session.early, []
        for candidate in early:
            await self.async_on_webrtc_candidate(session_id, candidate)

    async def async_on_webrtc_candidate(self, session_id: str, candidate: RTCIceCandidateInit) -> None:
        session = self._webrtc.get(session_id)
        if session is None:
            return  # ended a moment ago; the browser hears of it
        if not session.answered:
            session.early.append(candidate)
            return
        try:
            await self._data.client.candidate(
                session_id, candidate.candidate, candidate.sdp_mid, candidate.sdp_m_line_index
            )
        except PascomError as err:
            LOGGER.debug("Candidate of session %s not taken: %s", session_id, err.message)

    @callback
    def close_webrtc_session(self, session_id: str) -> None:
        super().close_webrtc_session(session_id)
        session = self._webrtc.get(session_id)
        if session is not None and self._forget(session_id) and session.answered:
            self.hass.async_create_task(self._close(session_id), f"{self.entity_id} closes its session")

    @callback
    def _ended(self, session_id: str, code: str, message: str) -> None:
        """The PBX ended the session, or is away: the browser shows why and tears down."""
        if session := self._webrtc.pop(session_id, None):
            session.send(WebRTCError(f"pascom_{code}", message))

    def _forget(self, session_id: str) -> bool:
        """Returns whether the session was known."""
        session = self._webrtc.pop(session_id, None)
        if session is None:
            return False
        session.forget()
        return True

    async def _close(self, session_id: str) -> None:
        try:
            await self._data.client.close_session(session_id)
        except PascomError as err:
            LOGGER.debug("Session %s not closed: %s", session_id, err.message)

    async def _viewer(self, offer_sdp: str) -> Actor | None:
        """Who opened the session, as far as Home Assistant's own permissions let them; the PBX decides the rest."""
        connection = current_connection.get()
        if connection is None:
            return None
        user: User = connection.user
        policy = POLICY_CONTROL if offers_to_talk(offer_sdp) else POLICY_READ
        if not user.permissions.check_entity(self.entity_id, policy):
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="no_permission")
        return await self._data.people.actor(user)

    def _ice_servers(self) -> list[dict[str, Any]]:
        return ice_servers_on_wire(self.async_get_webrtc_client_configuration().configuration.ice_servers)


def ice_servers_on_wire(ice_servers: Iterable[RTCIceServer]) -> list[dict[str, Any]]:
    """As the PBX takes them; it would refuse empty accounts."""
    servers = []
    for server in islice(ice_servers, _MAX_ICE_SERVERS):
        urls = server.urls
        wire: dict[str, Any] = {"urls": [urls] if isinstance(urls, str) else list(urls)}
        if server.username:
            wire["username"] = server.username
        if server.credential:
            wire["credential"] = server.credential
        servers.append(wire)
    return servers


def offers_to_talk(offer_sdp: str) -> bool:
    """Whether an offer would send sound (RFC 8866 section 6.7: without a direction it is sendrecv)."""
    return any(not _NOT_SENDING.search(section) for section in _AUDIO.findall(offer_sdp))
