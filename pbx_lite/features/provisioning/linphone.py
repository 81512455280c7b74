"""Linphone's XML (linphone.org: Remote Provisioning, Provisioning configuration keys)."""

from xml.sax.saxutils import escape, quoteattr

from pbx_lite.features.provisioning.facts import Setup, line

_RATES = {"opus": 48000}


def render(setup: Setup) -> str:
    server = f"sip:{setup.host}:{setup.port};transport={setup.transport}"
    name = setup.name.replace("\\", "").replace('"', "")
    sections: dict[str, dict[str, object]] = {
        "misc": {"transient_provisioning": 1},  # it is fetched once
        "sip": {"default_proxy": 0, "media_encryption": "srtp" if setup.srtp else "none"},
        "proxy_0": {
            "reg_proxy": f"<{server}>",
            "reg_identity": f'"{name}" <sip:{setup.account}@{setup.host}>',
            "reg_sendregister": 1,
            "reg_expires": 600,
        },
        "auth_info_0": {
            "username": setup.account,
            "userid": setup.account,
            "passwd": setup.password,
            "domain": setup.host,
        },
    }
    for number, codec in enumerate(setup.codecs):
        sections[f"audio_codec_{number}"] = {"mime": codec, "rate": _RATES.get(codec, 8000), "enabled": 1}
    rows: list[str] = []
    for section, entries in sections.items():
        rows.append(f"  <section name={quoteattr(section)}>")
        rows += [
            f'    <entry name={quoteattr(key)} overwrite="true">{escape(line(str(value)))}</entry>'
            for key, value in entries.items()
        ]
        rows.append("  </section>")
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<config xmlns="http://www.linphone.org/xsds/lpconfig.xsd">',
            *rows,
            "</config>",
            "",
        ]
    )
