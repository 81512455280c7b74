"""What is known of door stations: one row per model, so that an owner chooses a name instead of reading manuals.

A profile is a set of defaults; whatever the owner enters comes first.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal
from urllib.parse import quote

from pbx_lite.config import Door, Open, OpenDtmf, OpenHttp, Secret
from pbx_lite.errors import Invalid

type EarlyPicture = Literal["early_media", "silent_answer", "url"]


class Quirk(Enum):
    """Where a station leaves the beaten track of RFC 3261, 3264 and 6184."""

    INFO_DTMF_ONLY = "hears keys as SIP INFO alone"
    NO_VIDEO_IN_CALL = "offers no picture in the call, or one that is of no use"
    PCM_16000 = "offers PCM/16000 before G.711 and must be held to G.711"
    PACKETIZATION_MODE_0 = "takes H.264 in packetization mode 0 alone"
    INFO_KEY_FRAME = "makes a key frame for SIP INFO picture_fast_update, not for RTCP"
    ONE_CALL = "takes one call at a time and answers 486 to a second"
    SECRET_IN_URL = "its opening address carries the account"  # noqa: S105 - a sentence


@dataclass(frozen=True, slots=True)
class DtmfDefault:
    """Keys that open, empty where only the owner knows them; `digit_ms` is the time from one digit to the next."""

    code: str
    how: Literal["rfc4733", "info", "inband"] = "rfc4733"
    digit_ms: int = 500


@dataclass(frozen=True, slots=True)
class HttpDefault:
    """A request that opens without a call; `url` is a template for `at_host`."""

    url: str
    method: Literal["GET", "POST", "PUT"] = "GET"
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorProfile:
    """One model.  `at_host` and `with_account` fill in the address templates."""

    model: str
    name: str
    manufacturer: str
    notes: str
    video_url: str = ""
    image_url: str = ""
    dtmf: DtmfDefault = DtmfDefault("")
    http: HttpDefault | None = None
    early: EarlyPicture = "early_media"
    quirks: frozenset[Quirk] = frozenset()


_TABLE = (
    DoorProfile(
        model="generic",
        name="Any SIP door station",
        manufacturer="",
        notes="Enter the account below as SIP account of the station, let its button dial any number, and give the code"
        " or the address that opens.",
    ),
    DoorProfile(
        model="2n",
        name="IP Verso, Style, Solo, Force, Vario",
        manufacturer="2N",
        notes="Enter the account under Services > Phone > SIP 1; for opening without a call create an HTTP API account "
        "with Switch and Camera access.",
        video_url="rtsp://{host}/h264_stream",
        image_url="http://{host}/api/camera/snapshot?width=640&height=480",
        dtmf=DtmfDefault("00*"),
        http=HttpDefault("http://{host}/api/switch/ctrl?switch={channel}&action=trigger"),
    ),
    DoorProfile(
        model="doorbird",
        name="D10x, D11x, D21x",
        manufacturer="DoorBird",
        notes="Give the user of the DoorBird app the right 'watch always', and enter the account under SIP settings; "
        "the station takes one call at a time.",
        video_url="rtsp://{host}/mpeg/media.amp",
        image_url="http://{host}/bha-api/image.cgi",
        http=HttpDefault("http://{host}/bha-api/open-door.cgi?r={channel}"),
        early="url",
        quirks=frozenset({Quirk.ONE_CALL}),
    ),
    DoorProfile(
        model="grandstream",
        name="GDS3710, GDS3712, GDS3705",
        manufacturer="Grandstream",
        notes="Set 'Remote PIN to Open Door' in the station and enter that PIN followed by # as the code that opens; "
        "switch on early media to see and open before answering.",
        video_url="rtsp://{host}/0",
        image_url="https://{host}/snapshot/view0.jpg",
    ),
    DoorProfile(
        model="baudisch",
        name="IP VideoDoorStation, SIP-Door",
        manufacturer="Baudisch",
        notes="Enter the 'DTMF code' of the phone book entry as the code that opens; a digit that repeats needs a pause"
        " of one second, which is the default here.",
        dtmf=DtmfDefault("", digit_ms=1000),
        early="silent_answer",
    ),
    DoorProfile(
        model="behnke",
        name="Series 20, Behnke Station",
        manufacturer="Behnke",
        notes="Enter the station's API password as password of the opening (the user name stays empty); its certificate"
        " is self-signed and is shown for pinning at the first try.",
        http=HttpDefault("https://{host}/?key={password}&trigger&relay={channel}"),
        early="silent_answer",
        quirks=frozenset({Quirk.SECRET_IN_URL}),
    ),
    DoorProfile(
        model="akuvox",
        name="R20, R28, R29, E11, E12, X915, X916",
        manufacturer="Akuvox",
        notes="Switch on 'Open Relay via HTTP' under Intercom > Relay and give it a user name and password of its own; "
        "switch off 'high secure mode' for it.",
        video_url="rtsp://{host}/live/ch00_0",
        image_url="http://{host}:8080/picture.jpg",
        dtmf=DtmfDefault("#"),
        http=HttpDefault(
            "http://{host}/fcgi/do?action=OpenDoor&UserName={username}&Password={password}&DoorNum={channel}"
        ),
        quirks=frozenset({Quirk.SECRET_IN_URL}),
    ),
    DoorProfile(
        model="fanvil",
        name="i10, i16, i18, i20, i30, i6x",
        manufacturer="Fanvil",
        notes="The code that opens is 'Remote Password' under EGS settings > Features, an asterisk when new; the same "
        "code opens by HTTP.",
        dtmf=DtmfDefault("*"),
        http=HttpDefault("http://{host}/cgi-bin/ConfigManApp.com?key=F_LOCK&code=*"),
        early="silent_answer",
    ),
    DoorProfile(
        model="hikvision",
        name="DS-KV and DS-KD door stations",
        manufacturer="Hikvision",
        notes="Enter the account under Intercom > SIP (standard SIP); the picture comes by RTSP, and the door opens by "
        "ISAPI with the station's own user.",
        video_url="rtsp://{host}/Streaming/Channels/{channel}01",
        image_url="http://{host}/ISAPI/Streaming/channels/{channel}01/picture",
        http=HttpDefault(
            "http://{host}/ISAPI/AccessControl/RemoteControl/door/{channel}",
            method="PUT",
            body="<RemoteControlDoor><cmd>open</cmd></RemoteControlDoor>",
        ),
        early="url",
        quirks=frozenset({Quirk.NO_VIDEO_IN_CALL}),
    ),
    DoorProfile(
        model="dahua",
        name="VTO door stations",
        manufacturer="Dahua",
        notes="Let the VTO register at this PBX as SIP server of type VTO/third party; the picture comes by RTSP, and "
        "the door opens with the station's own user.",
        video_url="rtsp://{host}/cam/realmonitor?channel={channel}&subtype=0",
        image_url="http://{host}/cgi-bin/snapshot.cgi?channel={channel}",
        http=HttpDefault(
            "http://{host}/cgi-bin/accessControl.cgi?action=openDoor&channel={channel}&UserID=101&Type=Remote"
        ),
        early="url",
        quirks=frozenset({Quirk.PCM_16000, Quirk.NO_VIDEO_IN_CALL}),
    ),
)

PROFILES = {row.model: row for row in _TABLE}
KNOWN_MODELS = frozenset(PROFILES)


def profile_of(model: str) -> DoorProfile:
    """The model's row; raises Invalid naming the models there are."""
    try:
        return PROFILES[model]
    except KeyError:
        raise Invalid(f"There is no door station model '{model}'; known are {', '.join(PROFILES)}.") from None


def list_profiles() -> list[dict[str, str | bool]]:
    """The table as the API shows it.

    `dtmf` and `http` say whether the station's way to open is known by its keys or by its address, `pictures` whether
    it has them at an address; both addresses want its own account.
    """
    return [
        {
            "model": row.model,
            "name": row.name,
            "manufacturer": row.manufacturer,
            "notes": row.notes,
            "dtmf": bool(row.dtmf.code),
            "http": row.http is not None,
            "pictures": bool(row.video_url),
        }
        for row in _TABLE
    ]


def with_defaults(door: Door, host: str) -> Door:
    """The door with what its model knows where its owner left a blank; `host` is the station's, empty if unknown.

    Addresses are filled in only with the station's account (that of `video`): without it the station would refuse.
    """
    row = profile_of(door.model)
    video = door.video
    account = (video.username, video.password)
    if host and any(account):
        video = replace(
            video,
            url=video.url or at_host(row.video_url, host),
            image_url=video.image_url or at_host(row.image_url, host),
        )
    if Quirk.NO_VIDEO_IN_CALL in row.quirks and video.url:
        video = replace(video, in_call=False)
    return replace(door, video=video, open=door.open or _default_ways(row, host, *account))


def _default_ways(row: DoorProfile, host: str, username: str, password: Secret) -> tuple[Open, ...]:
    ways: list[Open] = []
    if row.http and host and (username or password):
        ways.append(
            OpenHttp(
                url=at_host(row.http.url, host),
                method=row.http.method,
                body=row.http.body,
                username=username,
                password=password,
            )
        )
    if row.dtmf.code:
        ways.append(OpenDtmf(digits=Secret(row.dtmf.code), how=row.dtmf.how, digit_ms=row.dtmf.digit_ms))
    return tuple(ways)


def at_host(template: str, host: str, *, channel: int = 1) -> str:
    """The template with the station's address; {username} and {password} stay for `with_account` at the last moment."""
    if not template or not host:
        return ""
    return template.replace("{host}", _bracketed(host)).replace("{channel}", str(channel))


def with_account(url: str, username: str, password: str) -> str:
    """The address with the account where the station wants it in there; never to be logged."""
    return url.replace("{username}", quote(username, safe="")).replace("{password}", quote(password, safe=""))


def _bracketed(host: str) -> str:
    # An IPv6 literal has two colons or more; host:port has one.
    return f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
