"""Telling a phone to start anew: NOTIFY of `check-sync`, which desk phones understand without a subscription."""

import asyncio
import logging

from pbx_lite.calls.bindings import Binding
from pbx_lite.calls.exchange import Exchange
from pbx_lite.errors import SipError
from pbx_lite.sip.address import bracketed
from pbx_lite.sip.headers import NameAddr

_LOGGER = logging.getLogger(__name__)

_EVENT = "check-sync;reboot=true"


async def restart(exchange: Exchange, account: str) -> list[int]:
    """What each phone that is registered by this account answers: a SIP status, 408 for nothing."""
    phones = exchange.registrar.bindings_of(account)
    return list(await asyncio.gather(*(_tell(exchange, phone) for phone in phones)))


async def _tell(exchange: Exchange, phone: Binding) -> int:
    host = bracketed(exchange.host_towards(phone.source))
    us = NameAddr("", f"sip:{host}")
    try:
        answer = await exchange.endpoint.request(
            "NOTIFY",
            phone.contact,
            from_=us,
            to=NameAddr("", f"sip:{phone.account}@{host}"),
            target=phone.source,
            headers=[
                *(("Route", route) for route in phone.path),
                ("Event", _EVENT),
                ("Subscription-State", "terminated;reason=noresource"),
            ],
            body=b"",
        )
    except SipError as error:
        _LOGGER.debug("%s is not told to start anew: %s", phone.account, error)
        return 408
    return answer.status
