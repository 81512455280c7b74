from pathlib import Path

import pytest

from pbx_lite.config import (
    ApiConfig,
    Button,
    Calling,
    Config,
    ConfigFaults,
    Device,
    Door,
    OpenDtmf,
    OpenEvent,
    OpenHttp,
    Role,
    Room,
    RtpConfig,
    Secret,
    SipConfig,
    Team,
    Trunk,
    User,
    Video,
    Workplace,
    data_folder,
    load,
)
from pbx_lite.config.fields import DIAL_CLASSES

WHOLE = """
name: Home
data: ./data
sip:
  listen: ["udp://0.0.0.0:5060", "tls://[::]:5061"]
  domain: home.example
  public_address: 192.0.2.1
  stun: stun.example:3478
rtp: {ports: 40001-41000}
api: {listen: "[::]:8765", phones: "0.0.0.0:8766", token: !env PBX_TEST_TOKEN}
roles:
  family: {see: ["*"], open: [front], dial: [emergency, "+49 30"], pickup: false}
users:
  - name: anna
    mobile: +49 171/123-45
    codecs: [G.722, pcma]
    display_name: Anna Berger
    extension: "101"
    password: !file anna.secret
    roles: [family]
    devices: [{name: kitchen, password: k}, {name: cellar, extension: "111", password: c, codecs: [opus]}]
doors:
  - name: front
    display_name: Front door
    extension: 150
    password: secret150
    address: 192.0.2.9
    model: generic
    rings: [anna]
    buttons: [{number: 11, name: Anna, rings: [anna]}, {number: "12", name: Office}]
    ring_seconds: 45
    video: {in_call: false, url: "rtsp://192.0.2.9/live", image_url: "http://192.0.2.9/still"}
    open: [{dtmf: "00#", how: info}, {http: "https://192.0.2.9/open", username: x, password: y}, {event: true}]
rooms:
  - {name: kitchen-table, extension: "800", pin: ""}
teams:
  - {name: upstairs, extension: "200", members: [anna], ring_seconds: 20}
  - {name: all, display_name: Everybody, extension: "201", members: ["*"]}
workplaces:
  - {name: desk, display_name: Desk, account: desk-1, password: d}
trunks:
  - {name: provider, registrar: "sip:provider.example", username: x, password: y, numbers: {"+49891234": anna}}
  - name: line
    display_name: The line
    profile: acme
    address: provider.example
    proxy: "sip:proxy.example;lr"
    transport: tls
    auth_username: z
    numbers: {"+498912340-99": upstairs, "+4930*": front, "620": kitchen-table, "621": "111", "+4940*": "*"}
    default: "101"
    prefix: "9"
    caller_number: +49 89 1234-0
    country: +43
    area: "089"
    channels: 2
calling:
  emergency: [112]
  refused: ["+49 900"]
  hourly: 10
  minutes: 30
  codes: {pickup: "*7", redial: ""}
  journal_days: 30
  route_seconds: 1.5
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pbx.yaml"


def faults(file: Path, text: str, *, models: set[str] | None = None, profiles: set[str] | None = None) -> list[str]:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigFaults) as raised:
        load(file, models=models, profiles=profiles)
    return [fault.message for fault in raised.value.faults]


def test_every_key_becomes_a_field(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PBX_TEST_TOKEN", "token")
    (file.parent / "anna.secret").write_text("secret101\n", encoding="utf-8")
    file.write_text(WHOLE, encoding="utf-8")

    assert load(file, models={"generic"}, profiles={"acme"}) == Config(
        name="Home",
        data=file.parent / "data",
        sip=SipConfig(
            listen=("udp://0.0.0.0:5060", "tls://[::]:5061"),
            domain="home.example",
            public_address="192.0.2.1",
            stun="stun.example:3478",
        ),
        rtp=RtpConfig(first=40002, last=41000),
        api=ApiConfig(host="::", port=8765, phones=("0.0.0.0", 8766), token=Secret("token")),
        roles=(Role(name="family", see=("*",), open=("front",), dial=("emergency", "+4930"), pickup=False),),
        users=(
            User(
                name="anna",
                display_name="Anna Berger",
                extension="101",
                password=Secret("secret101"),
                roles=("family",),
                mobile="+4917112345",
                codecs=("G722", "PCMA"),
                devices=(
                    Device(name="kitchen", account="101-kitchen", password=Secret("k")),
                    Device(name="cellar", account="111", extension="111", password=Secret("c"), codecs=("opus",)),
                ),
            ),
        ),
        doors=(
            Door(
                name="front",
                display_name="Front door",
                extension="150",
                password=Secret("secret150"),
                address="udp:192.0.2.9:5060",
                rings=("anna",),
                buttons=(Button(number="11", name="Anna", rings=("anna",)), Button(number="12", name="Office")),
                ring_seconds=45,
                video=Video(in_call=False, url="rtsp://192.0.2.9/live", image_url="http://192.0.2.9/still"),
                open=(
                    OpenDtmf(digits=Secret("00#"), how="info"),
                    OpenHttp(url="https://192.0.2.9/open", username="x", password=Secret("y")),
                    OpenEvent(),
                ),
            ),
        ),
        rooms=(Room(name="kitchen-table", display_name="kitchen-table", extension="800", pin=Secret("")),),
        teams=(
            Team(name="upstairs", display_name="upstairs", extension="200", members=("anna",), ring_seconds=20),
            Team(name="all", display_name="Everybody", extension="201", members=("*",)),
        ),
        workplaces=(Workplace(name="desk", display_name="Desk", account="desk-1", password=Secret("d")),),
        trunks=(
            Trunk(
                name="provider",
                display_name="provider",
                registrar="sip:provider.example",
                username="x",
                password=Secret("y"),
                numbers=(("+49891234", "anna"),),
            ),
            Trunk(
                name="line",
                display_name="The line",
                profile="acme",
                address="provider.example",
                proxy="sip:proxy.example;lr",
                transport="tls",
                auth_username="z",
                numbers=(
                    ("+498912340-99", "upstairs"),
                    ("+4930*", "front"),
                    ("620", "kitchen-table"),
                    ("621", "111"),
                    ("+4940*", "*"),
                ),
                default="101",
                prefix="9",
                caller_number="+498912340",
                country="43",
                area="89",
                channels=2,
            ),
        ),
        calling=Calling(
            emergency=("112",),
            refused=("+49900",),
            hourly=10,
            minutes=30,
            codes=(("pickup", "*7"), ("redial", "")),
            journal_days=30,
            route_seconds=1.5,
        ),
    )


def test_an_empty_file_is_a_pbx_with_nobody_in_it(file: Path) -> None:
    file.write_text("", encoding="utf-8")
    assert load(file) == Config(data=file.parent / "data")


def test_no_secret_shows_in_the_repr(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PBX_TEST_TOKEN", "hush-token")
    (file.parent / "anna.secret").write_text("hush-anna", encoding="utf-8")
    file.write_text(WHOLE.replace("secret150", "hush-door").replace("password: y", "password: hush-y"), "utf-8")
    assert "hush" not in repr(load(file))


def test_every_fault_is_told_at_once_with_its_path(file: Path) -> None:
    text = """
nam: Home
sip: {listen: ["udp://0.0.0.0:99999", "udp://0.0.0.0:31000"]}
api: {listen: 8765, token: !env PBX_NOT_SET}
roles:
  family: {see: [frnt], opn: [front]}
users:
  - {name: anna, extension: "101", password: x, roles: [famly]}
  - {name: anna, extension: "101", pasword: x}
  - {name: "b c"}
doors:
  - name: front
    extension: "101"
    model: acme
    rings: [bob]
    video: {url: "ftp://x"}
    open: [{dtmf: xyz}, {http: hello}, {}, {dtmf: "1", http: "http://x"}, 3]
  - {name: back, extension: "150", address: "192.0.2.9:0"}
trunks: 5
"""
    assert faults(file, text, models={"generic", "2n"}) == [
        "api.listen: this must be an address and a port, such as 127.0.0.1:8765 or [::]:8765",
        "api.token: the environment variable PBX_NOT_SET is not set",
        "doors[0].extension: 101 is used by users[0] already",
        "doors[0].model: there is no door-station model acme; known are 2n, generic",
        "doors[0].open[0].dtmf: DTMF digits are 0 to 9, A to D, * and #",
        "doors[0].open[1].http: this must be an address that begins with http:// or https://",
        "doors[0].open[2]: this must have exactly one of dtmf, http and event",
        "doors[0].open[3]: this must have exactly one of dtmf, http and event",
        "doors[0].open[4]: this must be a mapping with dtmf, http or event",
        "doors[0].password: a door needs a password to register with, or a fixed address to call from",
        "doors[0].rings[0]: there is no user named bob",
        "doors[0].video.url: this must be an address that begins with rtsp:// or rtsps:// or http:// or https://",
        "doors[1].address: this must be like 192.0.2.9, 192.0.2.9:5060 or tcp:[2001:db8::9]:5060",
        "nam: unknown key; did you mean name?",
        "roles.family.opn: unknown key; did you mean open?",
        "roles.family.see[0]: there is no door named frnt",
        "sip.listen[0]: this must be like udp://0.0.0.0:5060, tcp://[::]:5060 or tls://0.0.0.0:5061",
        "sip.listen[1]: the port lies within rtp.ports, 30000-35000",
        "trunks: this must be a list",
        "users[0].roles[0]: there is no role named famly",
        "users[1].extension: 101 is used by users[0] already",
        "users[1].name: anna is there twice, see users[0]",
        "users[1].pasword: unknown key; did you mean password?",
        "users[2].extension: required key not provided",
        "users[2].name: a name has letters, digits, dots, dashes and underscores only",
    ]


def test_every_fault_of_calls_and_lines_is_told_with_its_path(file: Path) -> None:
    text = """
sip: {stun: "not a host"}
roles: {guests: {dial: [everywhere], pickup: 1}}
users:
  - {name: anna, extension: "101", mobile: "no number", codecs: [mp3], devices: [{name: hall, password: x, codecs: 1}]}
teams:
  - {name: all, extension: "101", members: [bob, "*"], ring_seconds: 0}
  - {name: all, extension: "202"}
workplaces:
  - {name: desk, account: 101-hall, password: x}
  - {name: sofa, account: "", password: x}
doors: [{name: front, extension: "150", address: 192.0.2.7}]
trunks:
  - {name: a, profile: acme, address: 192.0.2.7, default: nobody}
  - {name: b, registrar: "sip:b.example", numbers: {"+49*": carl, "1 2": anna}, channels: -1}
  - {name: c, registrar: "not a host", country: "0", area: x, prefix: abc, transport: sctp}
  - {name: d}
  - {name: e, registrar: e.example, address: "999.1.1.1"}
calling:
  refused: ["0900"]
  emergency: [""]
  hourly: many
  route_seconds: 60
  codes: {pickup: "*70", redial: "8", ech: "*1", log_out: "*8"}
"""
    assert faults(file, text, profiles={"fritzbox"}) == [
        "calling.codes.ech: unknown key; did you mean echo?",
        "calling.codes.log_out: *8 is the code of pickup_group already",
        "calling.codes.pickup: *70 is the code of forward already",
        "calling.codes.redial: a code begins with * or # and has digits, * and # after it, 10 at most",
        "calling.emergency[0]: this must not be empty",
        "calling.hourly: this must be a whole number from 0 to 100000",
        "calling.refused[0]: this must be the beginning of a number in international form, such as +4930",
        "calling.route_seconds: this must be a number of seconds from 0 to 10",
        f"roles.guests.dial[0]: this must be one of {', '.join(DIAL_CLASSES)}, or a prefix such as +4930",
        "roles.guests.pickup: this must be true or false",
        "sip.stun: this must be a host, or host and port, such as stun.example:3478",
        "teams[0].extension: 101 is used by users[0] already",
        "teams[0].members[0]: there is no user named bob",
        "teams[0].ring_seconds: this must be a number of seconds from 1 to 600",
        "teams[1].name: all is there twice, see teams[0]",
        "trunks[0].address: udp:192.0.2.7:5060 is the address of doors[0] already",
        "trunks[0].default: there is no user, team, room, door or extension nobody",
        "trunks[0].profile: there is no trunk profile acme; known are fritzbox",
        "trunks[1].channels: this must be a whole number from 0 to 1000",
        "trunks[1].numbers.+49*: there is no user, team, room, door or extension carl",
        "trunks[1].numbers.1 2: this is not a number that a station can dial",
        "trunks[2].area: this must be an area code such as 89",
        "trunks[2].country: this must be a country code such as 49",
        "trunks[2].prefix: a prefix has up to 8 digits, * and #",
        "trunks[2].registrar: this must be like sip:provider.example or provider.example:5060",
        "trunks[2].transport: this must be one of udp, tcp, tls",
        "trunks[3].registrar: a trunk needs a registrar, an address, or a profile that knows it",
        "trunks[4].address: this must be like 192.0.2.7, udp:192.0.2.7:5060 or provider.example",
        "trunks[4].address: a trunk has either a registrar or an address",
        "users[0].codecs[0]: this must be one of opus, G722, PCMA, PCMU",
        "users[0].devices[0].codecs: this must be a list",
        "users[0].mobile: this must be a telephone number such as +49891234",
        "workplaces[0].account: 101-hall is used by users[0].devices[0] already",
        "workplaces[1].account: this must not be empty",
    ]


def test_a_path_reads_as_in_the_file(file: Path) -> None:
    found = faults(file, "trunks: [{name: a, registrar: 'sip:x', password: [1]}]")
    assert found == ["trunks[0].password: this must be text"]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("a: [", "line 2, column 1: "),
        ("x: " + "[" * 3000 + "]" * 3000, ""),
        ("users: &a [*a]\n", "line 1, column 8: "),
        ("&a [*a]", "[0][0]: this is nested too deeply"),
        ("- 1", "the file must be a mapping"),
        ("name: a\nname: b", "line 2: the key name is there twice"),
        ("name: !unknown x", "line 1"),
        ("name: !env [a]", "line 1"),
        ("? [a]\n: b", ""),
    ],
)
def test_what_is_no_configuration_is_a_fault_and_no_traceback(file: Path, text: str, start: str) -> None:
    assert any(message.startswith(start) for message in faults(file, text))


def test_a_file_that_is_not_there_or_not_text_is_a_fault(file: Path) -> None:
    with pytest.raises(ConfigFaults, match="There is no file"):
        load(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigFaults, match="cannot be read"):
        load(file)


def test_numbers_keep_the_digits_they_were_written_with(file: Path) -> None:
    file.write_text("users: [{name: anna, extension: 0150, password: 0x1F}]", encoding="utf-8")
    (anna,) = load(file).users
    assert (anna.extension, str(anna.password)) == ("0150", "0x1F")


def test_a_secret_file_that_is_missing_is_a_fault_at_its_path(file: Path) -> None:
    (message,) = faults(file, "users: [{name: a, extension: '1', password: !file gone}]")
    assert message.startswith("users[0].password: the file ")


def test_two_doors_cannot_call_from_one_address(file: Path) -> None:
    one, other = (
        "{name: a, extension: '1', address: 192.0.2.9}",
        "{name: b, extension: '2', address: 'udp:192.0.2.9:5060'}",
    )
    text = f"doors: [{one}, {other}]"
    assert faults(file, text) == ["doors[1].address: udp:192.0.2.9:5060 is the address of doors[0] already"]


@pytest.mark.parametrize(("calling", "number"), [("", "110"), ("", "112"), ("calling: {emergency: ['999']}", "999")])
def test_nobody_can_have_an_emergency_number_as_extension(file: Path, calling: str, number: str) -> None:
    found = faults(file, f"users: [{{name: a, extension: '{number}'}}]\n{calling}")
    assert found == [f"users[0].extension: {number} is an emergency number; choose another extension"]


def test_line_breaks_cannot_be_smuggled_into_sip(file: Path) -> None:
    found = faults(file, 'users: [{name: a, extension: "1", display_name: "A\\r\\nVia: x"}]')
    assert found == ["users[0].display_name: line breaks and control characters are not allowed"]


def test_the_data_folder_is_known_whatever_else_is_wrong(file: Path) -> None:
    file.write_text("data: ./there\napi: {token: !env PBX_NOT_SET}\nusers: 5", encoding="utf-8")
    assert data_folder(file) == file.parent / "there"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("pbx.local", False)],
)
def test_only_loopback_does_without_tls(host: str, loopback: bool) -> None:
    assert ApiConfig(host=host).loopback is loopback
