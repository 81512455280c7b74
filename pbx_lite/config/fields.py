"""Checks of single values: each takes what YAML or JSON gave and returns it tidied, or raises `vol.Invalid`."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import voluptuous as vol

from pbx_lite.config.records import Secret
from pbx_lite.config.yaml_file import Number

type Check = Callable[[Any], Any]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_EXTENSION = re.compile(r"[0-9]{1,15}")
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_NUMBER = re.compile(r"[A-Za-z0-9+*#._-]{1,64}")
_DIGITS = re.compile(r"[0-9A-D*#]{1,64}")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?\]")
_CODE = re.compile(r"[*#][0-9*#]{0,9}")
_PREFIX = re.compile(r"[0-9*#]{0,8}")
_SUBSCRIBER = re.compile(r"\+?[0-9*#]{2,32}")
_COUNTRY = re.compile(r"[1-9][0-9]{0,2}")
_AREA = re.compile(r"[0-9]{0,8}")
_INTERNATIONAL = re.compile(r"\+[0-9]{1,15}")
_REGISTRAR = re.compile(
    r"(sips?:)?([^@;:\s<>\"\[\]]+@)?([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(;[A-Za-z0-9._~=;-]+)?"
)
CODECS = ("opus", "G722", "PCMA", "PCMU")
"""The audio formats there are, as SDP writes them."""
DIAL_CLASSES = ("emergency", "national", "mobile", "international", "premium")
LANGUAGES = ("en", "de", "fr", "nl", "sr", "bar")
"""What the PBX speaks; `bar` is Bavarian."""
_PIN = re.compile(r"[0-9]{0,12}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
RESERVED = frozenset({"system", "*"})


def text(value: object) -> str:
    """Any text without control characters; a number counts as it was written."""
    if isinstance(value, Number):
        value = value.text
    if not isinstance(value, str):
        raise vol.Invalid(
            "this must be text; put it in quotes" if isinstance(value, int | float) else "this must be text"
        )
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise vol.Invalid("line breaks and control characters are not allowed")
    if len(value) > 2048:
        raise vol.Invalid("this is too long")
    return value


def filled(value: object) -> str:
    value = text(value)
    if not value.strip():
        raise vol.Invalid("this must not be empty")
    return value


def secret(value: object) -> Secret:
    return Secret(filled(value))


def optional_secret(value: object) -> Secret:
    return Secret(text(value))


def pin(value: object) -> Secret:
    """What is keyed in at a room's door; empty for none."""
    value = text(value)
    if not _PIN.fullmatch(value):
        raise vol.Invalid("a PIN has 1 to 12 digits")
    return Secret(value)


def language(value: object) -> str:
    """Empty for the PBX's own."""
    value = text(value)
    if value and value not in LANGUAGES:
        raise vol.Invalid(f"this must be one of {', '.join(LANGUAGES)}")
    return value


def not_yet(message: str) -> Check:
    """A key that is known and refused."""

    def check(_: object) -> None:
        raise vol.Invalid(message)

    return check


def name(value: object) -> str:
    value = filled(value)
    if not _NAME.fullmatch(value):
        raise vol.Invalid("a name has letters, digits, dots, dashes and underscores only")
    if value in RESERVED:
        raise vol.Invalid(f"{value} is a name that the PBX uses itself")
    return value


def extension(value: object) -> str:
    value = filled(value)
    if not _EXTENSION.fullmatch(value):
        raise vol.Invalid("an extension has 1 to 15 digits")
    return value


def account(value: object) -> str:
    value = filled(value)
    if not _ACCOUNT.fullmatch(value):
        raise vol.Invalid("an account has letters, digits, dots, dashes, plus signs and underscores only")
    return value


def dialled_number(value: object) -> str:
    value = filled(value)
    if not _NUMBER.fullmatch(value):
        raise vol.Invalid("this is not a number that a station can dial")
    return value


def target(value: object) -> str:
    """Where a call goes: the name of a user, team, room or door, or an extension; `*` is that behind a block's stem."""
    return "*" if value == "*" else name(value)


def subscriber(value: object) -> str:
    """A telephone number as it is dialled, spaces and dashes left out; empty for none."""
    value = re.sub(r"[\s()/.-]", "", text(value))
    if value and not _SUBSCRIBER.fullmatch(value):
        raise vol.Invalid("this must be a telephone number such as +49891234")
    return value


def filled_subscriber(value: object) -> str:
    return subscriber(filled(value))


def international(value: object) -> str:
    value = re.sub(r"[\s()/.-]", "", filled(value))
    if not _INTERNATIONAL.fullmatch(value):
        raise vol.Invalid("this must be the beginning of a number in international form, such as +4930")
    return value


def dial(value: object) -> str:
    """What a role may call: a class of numbers or their beginning."""
    value = filled(value)
    if value in DIAL_CLASSES:
        return value
    try:
        return international(value)
    except vol.Invalid:
        raise vol.Invalid(f"this must be one of {', '.join(DIAL_CLASSES)}, or a prefix such as +4930") from None


def codec(value: object) -> str:
    """The format's name as SDP writes it, however it was written."""
    written = filled(value)
    found = next((each for each in CODECS if each.lower() == written.lower().replace(".", "")), None)
    if found is None:
        raise vol.Invalid(f"this must be one of {', '.join(CODECS)}")
    return found


def code(value: object) -> str:
    """What is dialled for a feature; empty where it is switched off."""
    value = text(value)
    if value and not _CODE.fullmatch(value):
        raise vol.Invalid("a code begins with * or # and has digits, * and # after it, 10 at most")
    return value


def trunk_prefix(value: object) -> str:
    value = text(value)
    if not _PREFIX.fullmatch(value):
        raise vol.Invalid("a prefix has up to 8 digits, * and #")
    return value


def country(value: object) -> str:
    value = filled(value).removeprefix("+")
    if not _COUNTRY.fullmatch(value):
        raise vol.Invalid("this must be a country code such as 49")
    return value


def area(value: object) -> str:
    value = text(value)
    if not _AREA.fullmatch(value):
        raise vol.Invalid("this must be an area code such as 89")
    return value.lstrip("0")


def sip_server(value: object) -> str:
    """`sip:provider.example;transport=tcp`, `provider.example` or `provider.example:5070`; empty for none."""
    value = text(value)
    if value and not _REGISTRAR.fullmatch(value):
        raise vol.Invalid("this must be like sip:provider.example or provider.example:5060")
    return value


def server_address(value: object) -> str:
    """A host, or host and port, such as `stun.example:3478`; empty for none."""
    value = text(value)
    host, colon, port = value.rpartition(":") if value.count(":") == 1 or "]:" in value else (value, "", "")
    if value and (not _HOST.fullmatch(host) or (colon and not _port(port))):
        raise vol.Invalid("this must be a host, or host and port, such as stun.example:3478")
    return value


def digits(value: object) -> Secret:
    value = filled(value).upper()
    if not _DIGITS.fullmatch(value):
        raise vol.Invalid("DTMF digits are 0 to 9, A to D, * and #")
    return Secret(value)


def fingerprint(value: object) -> str:
    """SHA-256 of a certificate, 64 hex digits in lower case; colons and spaces may be in between."""
    value = text(value).replace(":", "").replace(" ", "").lower()
    if value and not _FINGERPRINT.fullmatch(value):
        raise vol.Invalid("a fingerprint is the SHA-256 of the certificate, 64 hexadecimal digits")
    return value


def whole(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise vol.Invalid(f"this must be a whole number from {low} to {high}")
        return int(value)

    return check


def seconds(low: float, high: float) -> Check:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise vol.Invalid(f"this must be a number of seconds from {low:g} to {high:g}")
        return float(value)

    return check


def one_of(*choices: str) -> Check:
    def check(value: Any) -> str:
        if value not in choices:
            raise vol.Invalid(f"this must be one of {', '.join(choices)}")
        return str(value)

    return check


def yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise vol.Invalid("this must be true or false")
    return value


def each(check: Check) -> Check:
    """A list, every item checked; unlike voluptuous' own it reports the faults of all items."""

    def checked(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise vol.Invalid("this must be a list")
        items: list[Any] = []
        errors: list[vol.Invalid] = []
        for index, item in enumerate(value):
            try:
                items.append(check(item))
            except vol.Invalid as error:
                error.prepend([index])
                errors.extend(error.errors if isinstance(error, vol.MultipleInvalid) else [error])
        if errors:
            raise vol.MultipleInvalid(errors)
        return items

    return checked


def named(key: Check, check: Check) -> Check:
    """A mapping of free names, every name and value checked."""

    def checked(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise vol.Invalid("this must be a mapping")
        items: dict[str, Any] = {}
        errors: list[vol.Invalid] = []
        for raw, item in value.items():
            try:
                items[key(raw)] = check(item)
            except vol.Invalid as error:
                error.prepend([str(raw)])
                errors.extend(error.errors if isinstance(error, vol.MultipleInvalid) else [error])
        if errors:
            raise vol.MultipleInvalid(errors)
        return items

    return checked


def url(*schemes: str) -> Check:
    def check(value: Any) -> str:
        written = text(value)
        if not written:
            return ""
        try:
            parts = urlsplit(written)
            valid = parts.scheme in schemes and bool(parts.hostname)
            _ = parts.port
        except ValueError:
            valid = False
        if not valid:
            raise vol.Invalid(
                f"this must be an address that begins with {' or '.join(f'{each}://' for each in schemes)}"
            )
        return written

    return check


def host_and_port(value: object) -> tuple[str, int]:
    """`127.0.0.1:8765` or `[::]:8765`, the host without its brackets."""
    host, separator, port = filled(value).rpartition(":")
    if not separator or not _HOST.fullmatch(host) or not _port(port):
        raise vol.Invalid("this must be an address and a port, such as 127.0.0.1:8765 or [::]:8765")
    return host.strip("[]"), int(port)


def listen(value: object) -> str:
    """`udp://0.0.0.0:5060`, also `tcp` and `tls`."""
    value = filled(value)
    transport, separator, rest = value.partition("://")
    host, colon, port = rest.rpartition(":")
    if (
        transport not in {"udp", "tcp", "tls"}
        or not separator
        or not colon
        or not _HOST.fullmatch(host)
        or not _port(port)
    ):
        raise vol.Invalid("this must be like udp://0.0.0.0:5060, tcp://[::]:5060 or tls://0.0.0.0:5061")
    return value


def address(value: object) -> str:
    """Where a station is found without registration: `192.0.2.9`, or with transport and port, as it is returned.

    An IP address, for the station's calls are told by it.
    """
    written = text(value)
    if not written:
        return ""
    transport, _, rest = written.partition(":")
    if transport not in {"udp", "tcp", "tls"}:
        transport, rest = "udp", written
    host, port = rest, "5061" if transport == "tls" else "5060"
    if rest.startswith("["):
        host, _, after = rest[1:].partition("]")
        port = after[1:] if after.startswith(":") else port if not after else ""
    elif rest.count(":") == 1:
        host, _, port = rest.partition(":")
    try:
        parsed = ip_address(host)
    except ValueError:
        parsed = None
    if parsed is None or not _port(port) or int(port) == 0:
        raise vol.Invalid("this must be like 192.0.2.9, 192.0.2.9:5060 or tcp:[2001:db8::9]:5060")
    return f"{transport}:[{parsed}]:{port}" if parsed.version == 6 else f"{transport}:{parsed}:{port}"


def peer_address(value: object) -> str:
    """As `address`, but a name may stand for the IP address: `provider.example`, `tcp:provider.example:5060`."""
    written = text(value)
    try:
        return address(written)
    except vol.Invalid:
        transport, _, rest = written.partition(":")
        host, _, port = (rest if transport in {"udp", "tcp", "tls"} else written).partition(":")
        if host.rpartition(".")[2].isdigit() or not _HOST.fullmatch(host) or (port and not _port(port)):
            raise vol.Invalid("this must be like 192.0.2.7, udp:192.0.2.7:5060 or provider.example") from None
        return written


def port_range(value: object) -> tuple[int, int]:
    """`30000-35000`, both ends included, the first rounded up to an even port (RFC 3550 section 11)."""
    first, separator, last = text(value).partition("-")
    if not separator or not _port(first.strip()) or not _port(last.strip()):
        raise vol.Invalid("this must be a range such as 30000-35000")
    low, high = int(first) + int(first) % 2, int(last)
    if low < 1024 or high < low + 19:
        raise vol.Invalid("this must be a range of at least 20 ports above 1023, such as 30000-35000")
    return low, high


def _port(value: str) -> bool:
    return value.isascii() and value.isdigit() and int(value) <= 65535
