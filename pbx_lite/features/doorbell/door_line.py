"""One door: its call, its picture and everyone who looks at it."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pbx_lite.calls.bindings import Binding
from pbx_lite.calls.exchange import TELEPHONE_CODECS, Exchange
from pbx_lite.calls.incoming_leg import IncomingLeg
from pbx_lite.calls.leg import BUSY, ELSEWHERE, NO_CODEC, OUT_OF_ORDER, Leg, TransferRequested
from pbx_lite.calls.outgoing_leg import Callee, OutgoingLeg
from pbx_lite.clock import Clock
from pbx_lite.config import Door, User
from pbx_lite.errors import Conflict, MediaError, NoCommonCodec, PbxError, Unavailable
from pbx_lite.events import (
    AccountRegistered,
    DoorAnswered,
    DoorChanged,
    DoorEnded,
    DoorMissed,
    DoorRang,
    Event,
    EventBus,
)
from pbx_lite.features.doorbell.audience import Audience
from pbx_lite.features.doorbell.door_call import CallHooks, DoorCall, Purpose
from pbx_lite.features.doorbell.picture import DoorPicture
from pbx_lite.features.doorbell.profiles import DoorProfile
from pbx_lite.features.doorbell.ring import Early, Ring, early_picture
from pbx_lite.sip.address import Address
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
UNATTENDED = 60.0
"""Seconds that a call placed by a button waits for somebody to look or speak."""
AFTER_KEYS = 0.5
"""Seconds that a call placed for its keys goes on after the last one, which has to arrive."""


@dataclass(frozen=True, slots=True)
class LineHooks:
    """What the doorbell does for its lines: choosing whom a list of names means, and opening by a phone's keys.

    `message` has a visitor leave one, where the door allows that; `transfer` passes the visitor on to somebody else.
    """

    people: Callable[[tuple[str, ...], Door], tuple[str, ...]]
    keyed: Callable[[Door, str, str], None]
    rang: Callable[[Door, Ring], None]
    message: Callable[[Door, DoorCall], Awaitable[bool]]
    transfer: Callable[[Door, DoorCall, str, TransferRequested], None]


class KeysCall:
    """A call placed for its keys alone: `done` once they are sent."""

    def __init__(self, leg: Leg, done: Callable[[], None]) -> None:
        self._leg = leg
        self._done = done

    async def send_dtmf(self, digits: str, how: str, digit_ms: int) -> None:
        try:
            await self._leg.send_dtmf(digits, how, digit_ms)
        finally:
            self._done()


class DoorLine:
    def __init__(
        self, door: Door, profile: DoorProfile, *, exchange: Exchange, bus: EventBus, clock: Clock, hooks: LineHooks
    ) -> None:
        self.door = door
        self.profile = profile
        self.call: DoorCall | None = None
        self.picture = DoorPicture(door, clock)
        self.audience = Audience(
            self.picture, clock=clock, current=lambda: self.call, reach=self.reach, changed=self._changed
        )
        self._exchange = exchange
        self._bus = bus
        self._clock = clock
        self._hooks = hooks
        self._tasks = Tasks(f"door {door.name}")
        self._forget = bus.listen(self._heard, AccountRegistered)

    async def close(self) -> None:
        """End everything that goes on at this door."""
        self._forget()
        if self.call is not None:
            self.call.hang_up("")
        await self.audience.close()
        await self.picture.close()
        await self._tasks.close()

    @property
    def state(self) -> str:
        """`idle`, `ringing` or `talking`."""
        if self.call is None:
            return "idle"
        if self.call.talker is not None:
            return "talking"
        return "ringing" if self.call.ring is not None and self.call.ring.open_to_answer else "idle"

    @property
    def connected(self) -> bool:
        """Registered; a door at a fixed address without an account counts as there."""
        return self._exchange.registrar.registered(self.door.extension) or bool(self.door.address)

    # A ring

    def rung(self, invite: IncomingInvite, number: str) -> None:
        """The station calls, whatever number it dialled."""
        if self.call is not None and self.call.purpose is Purpose.RING:
            invite.reject(BUSY.status)
            return
        self._tasks.spawn(self._ring(invite, number), name="ring")

    async def _ring(self, invite: IncomingInvite, number: str) -> None:
        offered = invite.request.body
        try:
            leg = await self._exchange.incoming_leg(invite, video=self.door.video.in_call)
        except NoCommonCodec as error:
            _LOGGER.warning("Door %s rang, but its call has no codec that the PBX knows: %s", self.door.name, error)
            invite.reject(NO_CODEC.status)
            return
        except MediaError as error:
            _LOGGER.warning("Door %s rang: %s", self.door.name, error)
            invite.reject(OUT_OF_ORDER.status)
            return
        if invite.ended or (self.call is not None and self.call.purpose is Purpose.RING):
            leg.hangup(BUSY)
            return
        if (look := self.call) is not None:
            self.call = None  # those who look stay: they see the ring that takes its place
            look.hang_up("")
            self.picture.leave_call()
            self.audience.call_replaced()
        button = self.door.button(number)
        rings = self._hooks.people((button.rings if button else ()) or self.door.rings, self.door)
        ring = Ring(secrets.token_hex(6), button.name if button else "", rings, datetime.now(UTC))
        self._bus.publish(DoorRang(door=self.door.name, ring=ring.id, button=ring.button, rings=rings))
        call = self._begin(leg, ring)
        early = early_picture(
            self.door.video.early,
            self.profile.early,
            offers_video=leg.video is not None and bool(offered),
            has_url=bool(self.door.video.url),
        )
        self._start_early(leg, call, early)
        self._hooks.rang(self.door, ring)
        for user, binding in self._exchange.devices_of(rings):
            self._tasks.spawn(self._fork(call, user, binding), name=f"ring {user}")

    def _start_early(self, leg: IncomingLeg, call: DoorCall, early: Early) -> None:
        leg.ring()
        if early is Early.URL:
            return
        if early is Early.SILENT_ANSWER:
            leg.answer()
        else:
            leg.early_media()
        call.play_ring_back()
        self._picture_from(call)

    async def _fork(self, call: DoorCall, user: str, binding: Binding) -> None:
        """Ring one device; what its SDP takes of the picture it gets before anybody answers."""
        try:
            leg = await self._exchange.outgoing_leg(
                binding.source,
                video=self.picture.possible,
                first=call.leg.audio.codec,
                known=TELEPHONE_CODECS,
            )
        except MediaError as error:
            _LOGGER.warning("%s cannot be rung: %s", binding.account, error)
            return
        if not call.rings_devices:
            leg.hangup(ELSEWHERE)
            return
        call.fork(user, leg)
        headers = [("Alert-Info", "<http://127.0.0.1/doorbell>;info=doorbell")]
        self._exchange.dial(leg, self._exchange.callee(binding), self.door, headers)

    def _heard(self, event: Event) -> None:
        """A device that registers while the door rings joins in; the door's own registration shows at once."""
        if not isinstance(event, AccountRegistered):
            return
        call = self.call
        if call is None or call.ring is None or not call.rings_devices:
            return
        for user, binding in self._exchange.devices_of(call.ring.rings):
            if binding.account == event.account:
                self._tasks.spawn(self._fork(call, user, binding), name=f"ring {user}")

    # A look or a talk on our wish

    async def reach(self) -> DoorCall:
        """The call with the door; calls it where there is none.  Raises Unavailable."""
        if self.call is not None:
            return self.call
        target = self._target()
        leg = await self._exchange.outgoing_leg(
            target.target or Address.parse(self.door.address),
            video=self.door.video.in_call,
            known=TELEPHONE_CODECS,
        )
        if self.call is not None:
            leg.hangup(ELSEWHERE)
            return self.call
        call = self._begin(leg, None)
        self._exchange.dial(leg, target, self.door)
        return call

    async def call_for(self, user: User | None) -> None:
        """Call the door and ring the user's own phones to speak with it.  Raises Unavailable and Conflict."""
        if self.call is not None and self.call.talker is not None:
            raise Conflict(f"{self.call.talker.name} is speaking with the door.")
        call = await self.reach()
        for name, binding in self._exchange.devices_of([user.name] if user else []):
            await self._fork(call, name, binding)
        self.audience.release(UNATTENDED)

    def dtmf_call(self) -> Leg | None:
        """The call in which keys reach the station now; a ringing one is answered for it, silently."""
        call = self.call
        if call is None or (call.ring is None and not call.was_up):
            return None
        call.leg.answer()
        return call.leg

    async def call_for_dtmf(self) -> KeysCall:
        """Call the station for its keys; the call ends when they are sent.  Raises Unavailable."""
        call = await self.reach()
        await call.until_up()
        return KeysCall(call.leg, lambda: self.audience.release(AFTER_KEYS))

    def _target(self) -> Callee:
        bindings = self._exchange.registrar.bindings_of(self.door.extension)
        if bindings:
            return self._exchange.callee(bindings[0])
        if self.door.address:
            address = Address.parse(self.door.address)
            return Callee(f"sip:{address.host}:{address.port}", address)
        raise Unavailable(f"{self.door.display_name} is not registered: check its SIP account and its network cable.")

    def phone_calls(self, invite: IncomingInvite, user: User) -> None:
        """Somebody dialled the door's extension on a phone."""
        if self.call is not None and self.call.talker is not None:
            invite.reject(BUSY.status)
            return
        self._tasks.spawn(self._phone_joins(invite, user), name=f"call from {user.name}")

    async def _phone_joins(self, invite: IncomingInvite, user: User) -> None:
        """A phone takes the ringing door's call, or has the door called."""
        try:
            leg = await self._exchange.incoming_leg(invite, video=self.picture.possible)
        except MediaError:
            invite.reject(NO_CODEC.status)
            return
        await self.leg_joins(leg, user.name)

    async def leg_joins(self, leg: Leg, name: str) -> None:
        """Let a party speak with the door; it is hung up on where that cannot be."""
        try:
            call = await self.reach()
            leg.ring()
            call.phone_joins(name, leg)
        except PbxError as error:
            _LOGGER.info("%s cannot call door %s: %s", name, self.door.name, error)
            leg.hangup(BUSY if isinstance(error, Conflict) else OUT_OF_ORDER)

    # What the call tells

    def _begin(self, leg: IncomingLeg | OutgoingLeg, ring: Ring | None) -> DoorCall:
        hooks = CallHooks(
            answered=self._answered,
            missed=self._missed,
            ended=self._ended,
            changed=self._changed,
            picture=self._picture_from,
            show=self.picture.show,
            keyed=lambda call, user: self._hooks.keyed(self.door, user, call.ring.id if call.ring else ""),
            transfer=lambda call, user, wish: self._hooks.transfer(self.door, call, user, wish),
            message=(lambda call: self._hooks.message(self.door, call)) if self.door.leave_message else None,
        )
        call = DoorCall(
            leg,
            ring=ring,
            hooks=hooks,
            clock=self._clock,
            code=self._code(),
            ring_seconds=self.door.ring_seconds,
            late_seconds=self.door.late_seconds,
        )
        self.call = call
        self.audience.call_begins(call)
        self._changed()
        return call

    def _code(self) -> str:
        """What a phone's user types to open: the door's own code, where it has one."""
        return next((str(way.digits) for way in self.door.open if hasattr(way, "digits")), "")

    def _picture_from(self, call: DoorCall) -> None:
        if call.leg.video is not None:
            self.picture.use_call(call.leg.video)

    def _answered(self, call: DoorCall, by: str, device: str) -> None:
        ring = call.ring
        if ring is not None:
            self._bus.publish(DoorAnswered(door=self.door.name, ring=ring.id, by=by, device=device, button=ring.button))
        self._changed()

    def _missed(self, call: DoorCall) -> None:
        if call.ring is not None:
            call.ring.missed = True
            self._bus.publish(DoorMissed(door=self.door.name, ring=call.ring.id, button=call.ring.button))

    def _ended(self, call: DoorCall, by: str) -> None:
        if self.call is not call:
            return
        self.call = None
        self.picture.leave_call()
        if call.ring is not None:
            self._bus.publish(DoorEnded(door=self.door.name, ring=call.ring.id, by=by, button=call.ring.button))
        why = "The call with the door has ended." if not call.never_up else f"{self.door.display_name} did not answer."
        self.audience.call_ended(call, why)
        self._changed()

    def _changed(self) -> None:
        self._bus.publish(
            DoorChanged(door=self.door.name, ring=self.call.ring.id if self.call and self.call.ring else "")
        )
