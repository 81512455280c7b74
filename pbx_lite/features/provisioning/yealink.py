"""Yealink's CFG (support.yealink.com: Administrator's Guide, Auto Provisioning Guide)."""

from pbx_lite.features.provisioning.facts import Keys, Lamp, Setup, line

_TRANSPORTS = {"udp": 0, "tcp": 1, "tls": 2}
_CODECS = ("pcmu", "pcma", "g722", "g729", "opus", "ilbc", "g726_32")
"""All that its phones may have switched on."""
_LINE, _LAMP, _KEYS = 15, 16, 11


def render(setup: Setup) -> str:
    account: dict[str, object] = {
        "enable": 1,
        "label": setup.name,
        "display_name": setup.name,
        "user_name": setup.account,
        "auth_name": setup.account,
        "password": setup.password,
        "sip_server.1.address": setup.host,
        "sip_server.1.port": setup.port,
        "sip_server.1.transport_type": _TRANSPORTS[setup.transport],
        "srtp_encryption": int(setup.srtp),
    }
    wished = [codec.lower() for codec in setup.codecs]
    for codec in _CODECS:
        account[f"codec.{codec}.enable"] = int(codec in wished)
    for place, codec in enumerate(wished, start=1):
        account[f"codec.{codec}.priority"] = place
    rows = [f"account.1.{name} = {line(str(value))}" for name, value in account.items()]
    if setup.pickup:
        rows += ["features.pickup.direct_pickup_enable = 1", f"features.pickup.direct_pickup_code = {setup.pickup}"]
    if setup.voicemail:
        rows += ["account.1.subscribe_mwi = 1", f"voice_mail.number.1 = {setup.voicemail}"]
    # What its keys for do not disturb and forwarding say is kept by us; older phones know the second name.
    rows += ["features.feature_key_sync.enable = 1", "bw.feature_key_sync = 1"]
    for feature in ("dnd", "forward"):
        rows += [f"features.{feature}.feature_key_sync.enable = 1"]
        rows += [f"features.{feature}.feature_key_sync.local_processing.enable = 0"]
    rows += ["features.intercom.allow = 1", f"linekey.1.type = {_LINE}", "linekey.1.line = 1"]
    for number, key in enumerate(setup.keys, start=2):
        rows += _key(number, key)
    # It has what it came for: the address is good for once.
    return "\n".join(["#!version:1.0.0.1", *rows, "static.auto_provision.server.url =", ""])


def _key(number: int, key: Lamp | Keys) -> list[str]:
    match key:
        case Lamp():
            kind, value = _LAMP, key.number
        case Keys():
            kind, value = _KEYS, key.digits
    values = {"type": kind, "line": 1, "value": value, "label": key.label}
    return [f"linekey.{number}.{name} = {line(str(value))}" for name, value in values.items()]
