"""Devices that give up at a digest algorithm they do not know, although RFC 3261 section 22.1 has them ignore it."""

import re
from collections import OrderedDict

from pbx_lite.sip.address import Address
from pbx_lite.sip.message import Request

# libre before 2.9, in many small phones and stations as well as in baresip itself.
_KNOWN = re.compile(r"baresip v[01]\.")
# SIPp before 3.7 and the test rigs built upon it; it names nothing, but its transactions are spelled like no others.
_TEST_RIG = re.compile(r";branch=z9hG4bK-\d+-\d+-\d+\b")
_KEPT = 1000


class OldStacks:
    """Tells who must be offered MD5 alone: known devices, and those that met SHA-256 and asked anew."""

    def __init__(self) -> None:
        self._challenged: OrderedDict[Address, str] = OrderedDict()  # the branch it asked with, "" once it gave up

    def is_one(self, source: Address, request: Request, *, answers: bool) -> bool:
        """Asked for each request that is challenged; `answers` says whether it carries credentials."""
        headers = request.headers
        if _KNOWN.match(headers.get("user-agent") or "") or _TEST_RIG.search(headers.get("via") or ""):
            return True
        if answers:
            return self._challenged.get(source) == ""
        branch = request.via.branch or request.call_id
        before = self._challenged.get(source, branch)
        gave_up = before != branch  # what is repeated only did not hear us yet
        self._challenged[source] = "" if gave_up else branch
        self._challenged.move_to_end(source)
        if len(self._challenged) > _KEPT:
            self._challenged.popitem(last=False)
        return gave_up

    def answered(self, source: Address) -> None:
        """It answered a challenge: with both on offer it understood them."""
        if self._challenged.get(source):
            del self._challenged[source]
