"""Snom's XML (service.snom.com: Desk Phone Configuration Files, Function Keys)."""

from xml.sax.saxutils import escape, quoteattr

from pbx_lite.features.provisioning.facts import Keys, Lamp, Setup, line

_FIRST_KEY = 1
"""Key 0 is the line."""


def render(setup: Setup) -> str:
    codecs = ",".join([*(codec.lower() for codec in setup.codecs), "telephone-event"])
    settings = {
        "user_active": "on",
        "user_realname": setup.name,
        "user_name": setup.account,
        "user_pname": setup.account,
        "user_pass": setup.password,
        "user_host": setup.host,
        "user_outbound": f"sip:{setup.host}:{setup.port};transport={setup.transport}",
        "user_srtp": "on" if setup.srtp else "off",
        "user_savp": "optional" if setup.srtp else "off",
        "codec_priority_list": codecs,
    }
    if setup.voicemail:
        settings["user_mailbox"] = setup.voicemail
    rows = [f'    <{name} idx="1" perm="">{escape(line(value))}</{name}>' for name, value in settings.items()]
    keys = [_key(number, key, setup) for number, key in enumerate(setup.keys, start=_FIRST_KEY)]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            "<settings>",
            '  <phone-settings e="2">',
            *rows,
            # It may answer announcements by itself, and it has what it came for.
            '    <answer_after_policy perm="">idle</answer_after_policy>',
            '    <setting_server perm=""></setting_server>',
            "  </phone-settings>",
            '  <functionKeys e="2">',
            *keys,
            "  </functionKeys>",
            "</settings>",
            "",
        ]
    )


def _key(number: int, key: Lamp | Keys, setup: Setup) -> str:
    match key:
        case Lamp():
            pickup = f"|{setup.pickup}" if setup.pickup else ""
            value = f"blf sip:{key.number}@{setup.host}{pickup}"
        case Keys():
            value = f"dtmf {key.digits}"
    label = quoteattr(line(key.label))
    return f'    <fkey idx="{number}" context="active" label={label} perm="">{escape(line(value))}</fkey>'
