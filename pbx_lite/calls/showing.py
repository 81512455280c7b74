"""A phone that is shown a camera that was switched on in the call: re-INVITEs with pictures, and without (RFC 3264)."""

import logging
from collections.abc import Callable

from pbx_lite.calls.leg import Sight
from pbx_lite.errors import MediaError, SipError
from pbx_lite.media.session import Direction, MediaSession
from pbx_lite.sip.session import Session
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)
_TRIES = 5
_PAUSE = 1.0
"""Seconds between two tries: another offer may be under way, as at the answer."""


class Showing:
    """`session` gives the dialog of who has answered, else None; `agree` takes the phone's answer to an offer."""

    def __init__(
        self, media: MediaSession, session: Callable[[], Session | None], agree: Callable[[bytes], bool]
    ) -> None:
        self._media = media
        self._session = session
        self._agree = agree
        self._sight = Sight.NOTHING
        self._ours = False
        self._refused = False
        self._busy = False

    @property
    def welcome(self) -> bool:
        """Whether pictures that the phone offers by itself have somebody to see them."""
        return self._sight is not Sight.NOTHING

    def see(self, sight: Sight) -> None:
        if sight is not Sight.SHOWN:
            self._refused = False
        self._sight = sight
        self.check()

    def check(self) -> None:
        """Offer what is due; nothing before the answer."""
        if not self._busy and self._session() is not None and self._due() is not None:
            self._busy = True
            spawn(self._settle(), name="show a camera")

    def end(self) -> None:
        """Offer nothing any more, and keep nothing of whose pictures they were, so that all is freed at once."""
        self._session, self._agree = _nobody, _never

    def _due(self) -> Direction | None:
        """Which way pictures should go by a new offer; None where all is said."""
        shown = self._sight is Sight.SHOWN
        if self._refused or (not shown and not self._ours):
            return None
        way: Direction = "sendrecv" if shown else "recvonly"
        if self._media.video is None:
            return way if shown else None
        return None if not self._ours or self._media.video_way == way else way

    async def _settle(self) -> None:
        try:
            while (way := self._due()) is not None:
                if not await self._offer(way):
                    self._refused = True
        finally:
            self._busy = False

    async def _offer(self, way: Direction) -> bool:
        for _ in range(_TRIES):
            session = self._session()
            if session is None:
                return False
            before = self._media.video_way
            try:
                self._media.add_video()
                self._media.video_way = way
                answer = await session.reinvite(self._media.offer())
            except MediaError as error:
                _LOGGER.info("A phone cannot be shown a picture: %s", error)
                return False
            except SipError as error:
                _LOGGER.debug("A picture could not be offered now: %s", error)
                self._media.withdraw()
                self._media.video_way = before
                await self._media.pause(_PAUSE)
                continue
            if answer.status >= 300:
                self._media.withdraw()
                self._media.video_way = before
                return False
            self._ours = True
            return self._agree(answer.body) and self._media.video is not None
        return False


def _nobody() -> None:
    """The call is over."""


def _never(_: bytes) -> bool:
    return False
