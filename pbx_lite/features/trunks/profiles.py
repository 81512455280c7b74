"""What providers want: a row each, so that a trunk needs no more than its account and its numbers.

A row says what differs from an ordinary line.  `source` tells where its facts are from; what nobody published is left
as it is in the ordinary line, and whatever the file says goes before the row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pbx_lite.calls.identity import PLAIN, SOURCES, TRUSTED, Manner, Source
from pbx_lite.config import Trunk
from pbx_lite.features.trunks.numbers import Form

GENERIC = "generic"
USUAL_COUNTRY = Trunk(name="usual").country
_PREFERRED = Manner(asserts="P-Preferred-Identity", trusted=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of line.

    `callee` and `caller` are the forms of the numbers we send.  `says` tells who stands in From: the caller's number
    or the account; `manner` how a caller is told besides.  `sources` are where calls in name their caller, best first.
    `star_codes` lines reach the telephones of a FRITZ!Box, and `hide` is dialled before a number so that it does not
    show ours.  `auth_username` is for lines without a password.  Without `srv` a name has an address and no servers to
    look for.  `channels` of 0 means no limit; `expires` is in seconds; `country` is for lines that name no other.
    """

    name: str
    title: str
    source: str
    registrar: str = ""
    proxy: str = ""
    transport: str = ""
    auth_username: str = ""
    channels: int = 0
    callee: Form = "e164"
    caller: Form = "e164"
    says: Literal["number", "account"] = "number"
    manner: Manner = TRUSTED
    sources: tuple[Source, ...] = SOURCES
    star_codes: bool = False
    hide: str = ""
    codecs: tuple[str, ...] = ()
    srv: bool = True
    expires: int = 600
    country: str = ""

    def fill(self, trunk: Trunk) -> Trunk:
        """The trunk with what it leaves open filled in."""
        return replace(
            trunk,
            registrar=trunk.registrar or ("" if trunk.address else self.registrar),
            proxy=trunk.proxy or self.proxy,
            transport=trunk.transport or self.transport,
            auth_username=trunk.auth_username or ("" if trunk.password else self.auth_username) or trunk.username,
            channels=trunk.channels or self.channels,
            country=self.country or trunk.country if trunk.country == USUAL_COUNTRY else trunk.country,
        )


_PROFILES = (
    Profile(
        name=GENERIC,
        title="Any provider",
        source="RFC 3261, RFC 3325",
    ),
    Profile(
        name="fritzbox",
        title="FRITZ!Box",
        # Two channels: pascomnet/documentation trunk-templates/fritzbox.  Anything but the bare registrar in the
        # REGISTER's URI gets no answer: n-IA-hane/esphome-intercom#95.  PCMA in packets of 10 ms: #94 there; packets
        # are relayed in whatever size they have.  Star codes, *31# and numbers as they are dialled: AVM's manuals.
        # The caller's number stands in From alone, `**1` for its own telephones: traces of FRITZ!OS 8.
        source="pascom documentation, AVM manuals, n-IA-hane/esphome-intercom#94 and #95",
        registrar="sip:fritz.box",
        transport="udp",
        channels=2,
        callee="national",
        caller="national",
        says="account",
        manner=PLAIN,
        sources=("from",),
        star_codes=True,
        hide="*31#",
        codecs=("G722", "PCMA", "PCMU"),
        srv=False,
        expires=300,
    ),
    Profile(
        name="telekom",
        title="Deutsche Telekom",
        # tel.t-online.de has NAPTR and SRV records and no address of its own: arnonym/ha-plugins#30; it answers 423 to
        # short times: #132 there.  The number is the user, and `anonymous@t-online.de` needs no password at one's own
        # connection: haumacher/phoneblock#363.  P-Preferred-Identity and Privacy: id: Zyxel Speedlink 5501, mapping 6.
        source="arnonym/ha-plugins#30 and #132, haumacher/phoneblock#363, Zyxel Speedlink 5501 manual p. 126",
        registrar="sip:tel.t-online.de",
        transport="tcp",
        auth_username="anonymous@t-online.de",
        manner=_PREFERRED,
    ),
    Profile(
        name="sipgate",
        title="sipgate trunking",
        # E.164 without plus in P-Preferred-Identity, the account in From, Privacy: id, Diversion in the same form.
        source="help.sipgate.de/trunking/wie-setze-ich-bei-sipgate-trunking-die-absenderrufnummer",
        registrar="sip:sipconnect.sipgate.de",
        callee="plain",
        caller="plain",
        says="account",
        manner=_PREFERRED,
    ),
    Profile(
        name="easybell",
        title="easybell",
        # P-Asserted-Identity once it is chosen in the customer's pages: pascom's documentation of trunk templates.
        # Called numbers come with 00 or without, as set there: easybell.de/hilfe, Rufnummernformat.
        source="pascom documentation, easybell.de/hilfe (Rufnummernformat bei eingehenden Anrufen)",
        registrar="sip:voip.easybell.de",
        callee="international",
        caller="international",
        says="account",
    ),
    Profile(
        name="peoplefone",
        title="peoplefone",
        # The server as provider templates of 3CX name it; E.164 as SIPconnect 1.1 asks.
        source="3CX template of peoplefone, SIPconnect 1.1",
        registrar="sip:sips.peoplefone.ch",
        country="41",
    ),
    Profile(
        name="swisscom",
        title="Swisscom residential",
        # The number is the user at voip.swisscom.ch, packets go to its proxy: n-IA-hane/esphome-intercom#105.
        source="n-IA-hane/esphome-intercom#105",
        registrar="sip:voip.swisscom.ch",
        proxy="sip:fs1.voip.swisscom.ch",
        manner=_PREFERRED,
        country="41",
    ),
)
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in _PROFILES}
KNOWN_PROFILES = tuple(PROFILES)
"""For `config.load`, which must not import features."""


def profile_of(trunk: Trunk) -> Profile:
    """The trunk's row; a name that is unknown is an ordinary line."""
    return PROFILES.get(trunk.profile) or PROFILES[GENERIC]
