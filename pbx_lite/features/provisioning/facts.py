"""What a phone is told, whatever its maker calls it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

type Transport = Literal["udp", "tcp", "tls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """How phones reach the PBX.  `page` begins the addresses of configurations, empty where no phone gets there.

    `trusted` is whether phones accept its certificate: it was issued by somebody whom they know.
    """

    host: str
    ports: Mapping[str, int]
    trusted: bool = False
    page: str = ""

    @property
    def transport(self) -> Transport:
        """The safest that works with any phone: TLS needs a certificate that it believes."""
        if "tls" in self.ports and self.trusted:
            return "tls"
        return "tcp" if "tcp" in self.ports else "udp" if "udp" in self.ports else "tls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """A key that shows whether this number is free, rings or speaks, and calls it."""

    label: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """A key that presses these in a call."""

    label: str
    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """One phone's account.  `codecs` are SDP names in their order, `pickup` what is dialled before a number to take it.

    `voicemail` is what its key for messages dials, empty where there is no such code.
    `password` is in every configuration: that is what the secret address is for.
    """

    name: str
    account: str
    password: str
    host: str
    port: int
    transport: Transport
    codecs: tuple[str, ...] = ("G722", "PCMA", "PCMU")
    pickup: str = ""
    voicemail: str = ""
    keys: tuple[Lamp | Keys, ...] = ()

    @property
    def srtp(self) -> bool:
        """The keys of the sound are in the signalling, which has to be secret for that."""
        return self.transport == "tls"


def line(text: str) -> str:
    """Text for one line of a configuration: nothing that ends it."""
    return "".join(char for char in text if char.isprintable())
