"""The telephone in a browser: pages of users ring, answer and call, with no SIP in between."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pbx_lite.calls.browser_leg import BrowserLeg, Media
from pbx_lite.calls.browsers import ACCOUNT, Browsers, Tell
from pbx_lite.calls.call import Call, CallState
from pbx_lite.calls.dialled import dialled_number
from pbx_lite.calls.leg import BUSY, ELSEWHERE, NORMAL, REJECTED, LegState
from pbx_lite.calls.party import Party
from pbx_lite.calls.seat import Seat
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.calls.webrtc_leg import WebRtcSession
from pbx_lite.clock import Clock
from pbx_lite.directory import AccountKind, Directory, User
from pbx_lite.errors import Conflict, NotFound, PbxError
from pbx_lite.events import DirectoryChanged, Event, EventBus, UserChanged
from pbx_lite.media.port import OPUS, Codec

type Servers = Iterable[Mapping[str, Any]]
type MakeMedia = Callable[[Clock, Sequence[Codec]], Media]


def web_rtc(clock: Clock, codecs: Sequence[Codec]) -> Media:
    return WebRtcSession(clock=clock, audio_codecs=codecs, films=True)


class Softphone:
    """What `api.softphone_facade.Softphone` says.  `session` names a WebRTC session among all that clients have."""

    def __init__(
        self,
        *,
        browsers: Browsers,
        switchboard: Switchboard,
        directory: Directory,
        bus: EventBus,
        clock: Clock,
        make_media: MakeMedia = web_rtc,
    ) -> None:
        self._browsers = browsers
        self._switchboard = switchboard
        self._directory = directory
        self._bus = bus
        self._clock = clock
        self._make_media = make_media
        self._sessions: dict[str, Media] = {}
        self._known = {user.name for user in directory.users()}
        self._deaf = bus.listen(self._heard, DirectoryChanged)
        browsers.on_change = lambda user: bus.publish(UserChanged(user=user))

    async def close(self) -> None:
        self._deaf()
        self._browsers.on_change = None
        self._browsers.close()

    def here(self, user: User, device: str, tell: Tell, *, rings: bool) -> list[Mapping[str, Any]]:
        """The page is there; the calls that it has still, each with `leg` and `state`.  Raises Busy."""
        legs = self._browsers.here(user.name, device, tell, rings=rings)
        return [{"leg": leg.id, "state": leg.state.value, "call": self._call_of(leg)} for leg in legs]

    def gone(self, user: str, device: str, tell: Tell) -> None:
        self._browsers.gone(user, device, tell)

    async def dial(
        self, user: User, device: str, number: str, *, session: str, offer: str, ice_servers: Servers
    ) -> tuple[str, str, str]:
        """Leg, call and SDP answer.  The page hears how it goes.  Raises PbxError."""
        number = dialled_number(number)
        callee = self._directory.by_extension(number)
        first = OPUS if callee is not None and callee.kind is AccountKind.ROOM else None  # rooms mix wideband
        leg = self._browsers.new_leg(self._browsers.page(user.name, device), first)
        try:
            answer = await self._connect(leg, session, offer, ice_servers)
        except BaseException:
            leg.hangup(NORMAL)
            raise
        party = Party(number=user.extension, name=user.display_name, user=user.name)
        account = self._directory.by_extension(user.extension)
        call = self._switchboard.incoming(leg, party, number, account=account, device=f"{ACCOUNT}:{device}")
        return leg.id, call.id, answer

    async def take(
        self, user: User, device: str, call: str, *, session: str, offer: str, ice_servers: Servers
    ) -> tuple[str, str]:
        """The user's place in a call moves to this page as soon as it is heard; leg and SDP answer.

        Raises NotFound where the user is in no such call, Conflict where it is not answered or is here already.
        """
        page = self._browsers.page(user.name, device)
        found, seat = self._seat_of(user, call)
        here = f"{ACCOUNT}:{device}"
        if seat.device == here:
            raise Conflict("You have this call here already.")
        others = found.others(seat)
        leg = self._browsers.new_leg(page, others[0].leg.audio.codec if others else None)
        leg.on_heard = lambda: self._move(leg, user, call, here)
        try:
            return leg.id, await self._connect(leg, session, offer, ice_servers)
        except BaseException:
            leg.hangup(NORMAL)
            raise

    def _move(self, leg: BrowserLeg, user: User, call: str, here: str) -> None:
        try:
            found, seat = self._seat_of(user, call)
        except PbxError:
            leg.hangup(NORMAL)
            return
        found.resume(seat)
        found.replace(seat, leg, seat.party, here, ELSEWHERE)

    async def connect(self, user: User, leg: str, *, session: str, offer: str, ice_servers: Servers) -> str:
        """Media for a leg that rings, or anew for one that talks; the SDP answer."""
        return await self._connect(self._browsers.leg(user.name, leg), session, offer, ice_servers)

    def answer(self, user: User, leg: str) -> None:
        self._browsers.leg(user.name, leg).take()

    def reject(self, user: User, leg: str, *, busy: bool = False) -> None:
        """Raises Conflict for one that talks already."""
        found = self._browsers.leg(user.name, leg)
        if found.state is not LegState.RINGING:
            raise Conflict("This call does not ring any more.")
        found.leave(BUSY if busy else REJECTED)

    def hang_up(self, user: User, leg: str) -> None:
        self._browsers.leg(user.name, leg).leave(NORMAL)

    def press(self, user: User, leg: str, digits: str) -> None:
        self._browsers.leg(user.name, leg).press(digits)

    def film(self, user: User, leg: str, *, shown: bool) -> None:
        self._browsers.leg(user.name, leg).film(shown)

    async def candidate(self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None) -> None:
        """One more address of the browser (trickle ICE); those of unknown sessions are late and harmless."""
        if (media := self._sessions.get(session)) is not None:
            await media.add_candidate(candidate, sdp_mid, sdp_m_line_index)

    async def close_session(self, session: str) -> None:
        """The page closed it; its leg waits a while for another one."""
        if (media := self._sessions.pop(session, None)) is not None:
            await media.close()

    async def _connect(self, leg: BrowserLeg, session: str, offer: str, ice_servers: Servers) -> str:
        if session in self._sessions:
            raise Conflict("This session exists already.")
        media = self._sessions[session] = self._make_media(self._clock, leg.codecs)
        try:
            answer = await leg.connect(media, offer, ice_servers)
        except BaseException:
            self._sessions.pop(session, None)
            raise
        self._forget_ended()
        return answer

    def _seat_of(self, user: User, call: str) -> tuple[Call, Seat]:
        found = self._switchboard.calls.get(call)
        seat = found.seat_of(user.name) if found is not None else None
        if found is None or seat is None:
            raise NotFound("This call is over.")
        if found.state is not CallState.UP or seat.leg.state is not LegState.ANSWERED:
            raise Conflict("This call is not answered.")
        return found, seat

    def _forget_ended(self) -> None:
        self._sessions = {
            key: media for key, media in self._sessions.items() if media.state not in {"failed", "closed"}
        }

    def _call_of(self, leg: BrowserLeg) -> str:
        found = self._switchboard.seat_of(leg)
        return found[0].id if found is not None else ""

    def _heard(self, event: Event) -> None:
        if isinstance(event, DirectoryChanged):
            users = {user.name for user in self._directory.users()}
            self._browsers.forget(self._known - users)
            self._known = users
