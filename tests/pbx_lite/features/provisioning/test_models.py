"""What each maker's phones are told."""

from xml.etree import ElementTree as ET

import pytest

from pbx_lite.features.provisioning.facts import Keys, Lamp, Server, Setup
from pbx_lite.features.provisioning.models import MODELS

NASTY = 'Anna "B" <&> \\ O\'Neil\r\naccount.1.password = stolen'
KEYS = (
    Keys(label="Open Front door", digits="00#"),
    Lamp(label="Front door", number="150"),
    Lamp(label='Ben & "Co"', number="102"),
)


def setup(**fields: object) -> Setup:
    values = {
        "name": "Anna Berger",
        "account": "101",
        "password": "pass&word",
        "host": "pbx.home.example",
        "port": 5061,
        "transport": "tls",
        "pickup": "*8",
        "keys": KEYS,
    }
    return Setup(**{**values, **fields})  # type: ignore[arg-type]


PLAIN = setup(transport="udp", port=5060, keys=(), pickup="")


def xml(model: str, given: Setup) -> ET.Element:
    return ET.fromstring(MODELS[model].render(given))


def cfg(given: Setup) -> dict[str, str]:
    first, *rows = MODELS["yealink"].render(given).splitlines()
    assert first == "#!version:1.0.0.1"
    pairs = [row.split(" =", 1) for row in rows]
    assert len({name for name, _ in pairs}) == len(pairs), "nothing is said twice"
    return {name: value.strip() for name, value in pairs}


def test_a_snom_registers_by_tls_with_srtp() -> None:
    settings = {each.tag: each.text for each in xml("snom", setup()).iter() if each.get("idx") == "1"}
    assert settings["user_name"] == settings["user_pname"] == "101"
    assert settings["user_pass"] == "pass&word"
    assert settings["user_host"] == "pbx.home.example"
    assert settings["user_outbound"] == "sip:pbx.home.example:5061;transport=tls"
    assert (settings["user_srtp"], settings["user_savp"]) == ("on", "optional")
    assert settings["codec_priority_list"] == "g722,pcma,pcmu,telephone-event"


def test_a_snom_has_lamps_and_opens_doors() -> None:
    keys = [(each.get("idx"), each.get("label"), each.text) for each in xml("snom", setup()).iter("fkey")]
    assert keys == [
        ("1", "Open Front door", "dtmf 00#"),
        ("2", "Front door", "blf sip:150@pbx.home.example|*8"),
        ("3", 'Ben & "Co"', "blf sip:102@pbx.home.example|*8"),
    ]


def test_a_yealink_registers_by_tls_with_srtp() -> None:
    values = cfg(setup())
    expected = {
        "enable": "1",
        "label": "Anna Berger",
        "user_name": "101",
        "auth_name": "101",
        "password": "pass&word",
        "sip_server.1.address": "pbx.home.example",
        "sip_server.1.port": "5061",
        "sip_server.1.transport_type": "2",
        "srtp_encryption": "1",
        "codec.g722.enable": "1",
        "codec.g722.priority": "1",
        "codec.pcma.priority": "2",
        "codec.g729.enable": "0",
    }
    assert {name: values[f"account.1.{name}"] for name in expected} == expected


def test_a_yealink_has_lamps_and_opens_doors() -> None:
    values = cfg(setup())
    assert values["linekey.1.type"] == "15"
    assert [values[f"linekey.2.{name}"] for name in ("type", "value", "label")] == ["11", "00#", "Open Front door"]
    assert [values[f"linekey.3.{name}"] for name in ("type", "line", "value")] == ["16", "1", "150"]
    assert values["linekey.4.label"] == 'Ben & "Co"'
    assert values["features.pickup.direct_pickup_code"] == "*8"


def test_a_grandstream_registers_by_tls_with_srtp() -> None:
    values = {each.tag: each.text or "" for each in xml("grandstream", setup()).iter() if each.tag.startswith("P")}
    assert values["P47"] == "pbx.home.example:5061"
    assert (values["P35"], values["P36"], values["P34"], values["P3"]) == ("101", "101", "pass&word", "Anna Berger")
    assert (values["P130"], values["P183"], values["P298"]) == ("2", "1", "1")
    assert [values[f"P{choice}"] for choice in (57, 58, 59, 60, 98)] == ["9", "8", "0", "0", "0"]
    assert [values[name] for name in ("P1365", "P1366", "P1467", "P1468")] == ["15", "0", "Open Front door", "00#"]
    assert [values[name] for name in ("P1367", "P1368", "P1469", "P1470")] == ["11", "0", "Front door", "150"]
    assert (values["P6752"], values["P1347"]) == ("1", "*8")


def test_a_linphone_registers_by_tls_with_srtp() -> None:
    root = xml("linphone", setup(codecs=("opus", "PCMA")))
    space = "{http://www.linphone.org/xsds/lpconfig.xsd}"
    values = {
        (section.get("name"), entry.get("name")): entry.text
        for section in root.iter(f"{space}section")
        for entry in section.iter(f"{space}entry")
    }
    assert values["proxy_0", "reg_proxy"] == "<sip:pbx.home.example:5061;transport=tls>"
    assert values["proxy_0", "reg_identity"] == '"Anna Berger" <sip:101@pbx.home.example>'
    assert (values["auth_info_0", "username"], values["auth_info_0", "passwd"]) == ("101", "pass&word")
    assert values["sip", "media_encryption"] == "srtp"
    assert (values["audio_codec_0", "mime"], values["audio_codec_0", "rate"]) == ("opus", "48000")
    assert values["audio_codec_1", "mime"] == "PCMA"


def test_without_a_certificate_they_know_they_speak_plainly() -> None:
    assert cfg(PLAIN)["account.1.sip_server.1.transport_type"] == "0"
    assert cfg(PLAIN)["account.1.srtp_encryption"] == "0"
    texts = {model: MODELS[model].render(PLAIN) for model in ("snom", "grandstream", "linphone")}
    assert "transport=udp" in texts["snom"]
    assert ">off</user_srtp>" in texts["snom"]
    assert "<P130>0</P130>" in texts["grandstream"]
    assert "<P183>0</P183>" in texts["grandstream"]
    assert ">none</entry>" in texts["linphone"]


@pytest.mark.parametrize("model", MODELS)
def test_no_name_breaks_out_of_its_place(model: str) -> None:
    text = MODELS[model].render(setup(name=NASTY, keys=(Lamp(label=NASTY, number="102"),)))
    if model == "yealink":
        assert cfg(setup(name=NASTY))["account.1.password"] == "pass&word"
    else:
        ET.fromstring(text)
    assert "\r" not in text


@pytest.mark.parametrize("model", MODELS)
def test_a_phone_that_has_its_configuration_does_not_come_again(model: str) -> None:
    text = MODELS[model].render(setup())
    cleared = {
        "snom": '<setting_server perm=""></setting_server>',
        "yealink": "\nstatic.auto_provision.server.url =\n",
        "grandstream": "<P237></P237>",
        "linphone": '<entry name="transient_provisioning" overwrite="true">1</entry>',
    }
    assert cleared[model] in text


@pytest.mark.parametrize(
    ("ports", "trusted", "transport"),
    [
        ({"udp": 5060, "tcp": 5060, "tls": 5061}, True, "tls"),
        ({"udp": 5060, "tcp": 5060, "tls": 5061}, False, "tcp"),
        ({"udp": 5060, "tls": 5061}, False, "udp"),
        ({"udp": 5060}, True, "udp"),
        ({"tls": 5061}, False, "tls"),
    ],
)
def test_the_transport_is_the_safest_that_works(ports: dict[str, int], *, trusted: bool, transport: str) -> None:
    assert Server(host="pbx", ports=ports, trusted=trusted).transport == transport


def test_the_key_for_messages_opens_the_mailbox_and_its_lamp_is_asked_for() -> None:
    boxed = setup(voicemail="*100")
    (mailbox,) = xml("snom", boxed).iter("user_mailbox")
    assert mailbox.text == "*100"
    assert cfg(boxed).items() >= {"account.1.subscribe_mwi": "1", "voice_mail.number.1": "*100"}.items()
    values = {each.tag: each.text for each in xml("grandstream", boxed).iter()}
    assert (values["P33"], values["P99"]) == ("*100", "1")
    assert not list(xml("snom", PLAIN).iter("user_mailbox"))
    assert "voice_mail.number.1" not in cfg(PLAIN)
