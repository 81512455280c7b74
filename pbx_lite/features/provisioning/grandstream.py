"""Grandstream's XML of P values (documentation.grandstream.com: SIP Device Provisioning Guide; GRP and GXP)."""

from xml.sax.saxutils import escape

from pbx_lite.features.provisioning.facts import Keys, Lamp, Setup, line

_TRANSPORTS = {"udp": 0, "tcp": 1, "tls": 2}
_CODECS = {"PCMU": 0, "PCMA": 8, "G722": 9, "opus": 123}
_CHOICES = (57, 58, 59, 60, 61, 62, 46, 98)
"""The P values of the codecs, first choice first; all of them have to name one."""
_LAMP, _KEYS = 11, 15
_MODE, _ACCOUNT, _LABEL, _VALUE = 1363, 1364, 1465, 1466
"""Of the first virtual key; each further one is two higher.  That one is left to the line."""
_MOST_KEYS = 16


def render(setup: Setup) -> str:
    values: dict[int, object] = {
        271: 1,
        270: setup.name,
        47: f"{setup.host}:{setup.port}",
        35: setup.account,
        36: setup.account,
        34: setup.password,
        3: setup.name,
        130: _TRANSPORTS[setup.transport],
        2329: 0,  # sip: and not sips: with TLS
        183: int(setup.srtp),
        298: 1,  # answers by itself where Call-Info or Alert-Info asks for it
        2325: 1,  # its keys for do not disturb and forwarding are kept by us
        237: "",  # it has what it came for
    }
    wished = [_CODECS[codec] for codec in setup.codecs if codec in _CODECS] or [8]
    values |= {choice: wished[min(place, len(wished) - 1)] for place, choice in enumerate(_CHOICES)}
    if setup.pickup:
        values |= {6752: 1, 1347: setup.pickup}
    for number, key in enumerate(setup.keys[:_MOST_KEYS], start=1):
        values |= _key(number * 2, key)
    if setup.voicemail:
        values |= {33: setup.voicemail, 99: 1}  # what its key dials, and that it asks for messages
    rows = [f"    <P{name}>{escape(line(str(value)))}</P{name}>" for name, value in values.items()]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<gs_provision version="1">',
            '  <config version="1">',
            *rows,
            "  </config>",
            "</gs_provision>",
            "",
        ]
    )


def _key(offset: int, key: Lamp | Keys) -> dict[int, object]:
    match key:
        case Lamp():
            kind, value = _LAMP, key.number
        case Keys():
            kind, value = _KEYS, key.digits
    return {_MODE + offset: kind, _ACCOUNT + offset: 0, _LABEL + offset: key.label, _VALUE + offset: value}
