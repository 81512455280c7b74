"""The PBX that runs here, made from what the config entry says."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from homeassistant.const import CONF_NAME, CONF_TOKEN
from homeassistant.core import HomeAssistant

from ..const import (
    CONF_API_PORT,
    CONF_RTP_FIRST,
    CONF_RTP_LAST,
    CONF_SIP_PORT,
    CONF_TLS_PORT,
    DEFAULT_NAME,
    DEFAULT_SIP_PORT,
    DOMAIN,
)
from .ports import Ports
from .server import Server

LOCALHOST = "127.0.0.1"


def make_server(
    hass: HomeAssistant, data: Mapping[str, Any], *, on_trouble: Callable[[str | None], None] = lambda _: None
) -> Server:
    return Server(
        hass=hass,
        directory=Path(hass.config.path(DOMAIN)),
        ports=ports_of(data),
        token=data[CONF_TOKEN],
        name=data.get(CONF_NAME, DEFAULT_NAME),
        on_trouble=on_trouble,
    )


def ports_of(data: Mapping[str, Any]) -> Ports:
    return Ports(
        sip=data[CONF_SIP_PORT],
        tls=data[CONF_TLS_PORT],
        api=data[CONF_API_PORT],
        rtp_first=data[CONF_RTP_FIRST],
        rtp_last=data[CONF_RTP_LAST],
    )


def as_entry_data(ports: Ports) -> dict[str, int]:
    return {
        CONF_SIP_PORT: ports.sip,
        CONF_TLS_PORT: ports.tls,
        CONF_API_PORT: ports.api,
        CONF_RTP_FIRST: ports.rtp_first,
        CONF_RTP_LAST: ports.rtp_last,
    }


def voip_uses(hass: HomeAssistant, port: int) -> bool:
    """Whether core's `voip` integration is what listens on `port`."""
    return any(
        entry.options.get("sip_port", entry.data.get("sip_port", DEFAULT_SIP_PORT)) == port
        for entry in hass.config_entries.async_entries("voip")
        if entry.disabled_by is None
    )
