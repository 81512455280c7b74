r"""SIPp scenarios written as message ladders.

A line is a message, as the phone that SIPp plays sees it:

    -> INVITE 102 | sdp          sent to a number of the PBX; later requests without a number stay in the dialog
    <- 401                       received; `?` behind it: may come, `~ text` behind it: must hold this text (a regexp)
    -> ACK
    -> INVITE 102 | sdp auth     flags follow the bar: `auth`, a body (`sdp`, `hold`, `inactive`, `zero`, `image`,
    <- 200                       `nonsense`, `key5`, `silence`), or a header (`Refer-To: <sip:103@pbx>`), parted by `;;`
    -> ACK
    .. 500                       wait so many milliseconds
    !! watching                  tell the test, which waits with `said("watching")`

`-> call 102` stands for the whole way from the INVITE to the ACK of the 200, and `<- call` for taking one.
"""

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

_SDP = """v=0
o=phone 1 {version} IN IP4 [local_ip]
s=-
c=IN IP4 {host}
t=0 0
m=audio {port} RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a={direction}
"""
_IMAGE = """v=0
o=phone 1 {version} IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=image [media_port] udptl t38
"""
_BODIES = {
    "sdp": ("[media_ip]", "sendrecv"),
    "hold": ("[media_ip]", "sendonly"),
    "inactive": ("[media_ip]", "inactive"),
    "zero": ("0.0.0.0", "sendrecv"),
}
_KINDS = {"Signal": "application/dtmf-relay", "<SetDo": "application/x-as-feature-event+xml"}
_HEADER = re.compile(r"[A-Za-z-]+: ")
_TAG = "[pid]phone[call_number]"
_CALL = (
    "-> INVITE {number} | sdp", "<- 100?", "<- 401", "-> ACK", "-> INVITE {number} | sdp auth", "<- 100?", "<- 180?",
    "<- 183?", "<- 200", "-> ACK",
)  # fmt: skip
_TAKE = ("<- INVITE", "-> 180", "-> 200 | sdp", "<- ACK")


def scenario(ladder: str, *, user: str) -> str:
    """The XML that SIPp plays; `user` is whose phone it is."""
    return _Compiler(user).compiled([line.strip() for line in ladder.strip().splitlines() if line.strip()])


@dataclass
class _Message:
    """One line, taken apart."""

    what: str
    number: str
    flags: set[str]
    headers: list[str]

    @classmethod
    def parse(cls, text: str) -> _Message:
        head, _, rest = text.partition("|")
        what, _, number = head.strip().partition(" ")
        flags: set[str] = set()
        headers: list[str] = []
        for part in (each.strip() for each in rest.split(";;")):
            if _HEADER.match(part):
                headers.append(part)
            else:
                flags |= set(part.split())
        return cls(what, number.strip(), flags, headers)


class _Compiler:
    def __init__(self, user: str) -> None:
        self._user = user
        self._seq = 0
        self._calls = True  # whether this phone began the call
        self._version = 0
        self._invite = 0  # where the last INVITE stands
        self._last = ""  # the method that a response answers, or an ACK belongs to
        self._failed = False
        self._variables: list[str] = []
        self._parts: list[str] = []
        self._number = ""

    def compiled(self, lines: list[str]) -> str:
        self._calls = lines[0].startswith("->")
        for line in lines:
            for each in _expanded(line):
                self._line(each)
        names = ",".join(self._variables)
        reference = f'<Reference variables="{names}"/>' if names else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="ladder">\n'
            + "\n".join(self._parts)
            + f"\n{reference}\n</scenario>\n"
        )

    def _line(self, line: str) -> None:
        arrow, _, text = line.partition(" ")
        if arrow == "..":
            self._parts.append(f'<pause milliseconds="{text.strip()}"/>')
        elif arrow == "!!":
            self._parts.append(f'<nop><action><exec command="echo {text.strip()}"/></action></nop>')
        elif arrow == "<-":
            self._receive(text)
        else:
            assert arrow == "->", line
            message = _Message.parse(text)
            (self._respond if message.what.isdigit() else self._request)(message)

    # What comes

    def _receive(self, text: str) -> None:
        text, _, check = text.partition("~")
        what = text.strip()
        optional = ' optional="true"' if what.endswith("?") else ""
        what = what.rstrip("?").strip()
        actions = ""
        if check:
            name = self._variable()
            actions += f'<ereg regexp="{escape(check.strip())}" search_in="msg" check_it="true" assign_to="{name}"/>'
        if what.isdigit():
            self._failed = int(what) >= 300
            auth = ' auth="true"' if what in {"401", "407"} else ""
            routes = ' rrs="true"' if what == "200" and self._last in {"INVITE", "SUBSCRIBE"} else ""
            self._parts.append(f'<recv response="{what}"{optional}{auth}{routes}>{_action(actions)}</recv>')
            return
        routes = ""
        if what == "INVITE" and not self._calls and "peer" not in self._variables:
            self._variables += ["peer", "me"]
            routes = ' rrs="true"'
            for header, name in (("From:", "peer"), ("To:", "me")):
                actions += f'<ereg regexp=".*" search_in="hdr" header="{header}" assign_to="{name}"/>'
        self._parts.append(f'<recv request="{what}"{optional}{routes}>{_action(actions)}</recv>')

    def _variable(self) -> str:
        self._variables.append(f"check{len(self._variables)}")
        return self._variables[-1]

    # What goes

    def _request(self, message: _Message) -> None:
        method = message.what
        if method not in {"ACK", "CANCEL"}:
            self._seq += 1
            self._last = method
        outside = bool(message.number) or (method in {"ACK", "CANCEL"} and (self._failed or method == "CANCEL"))
        if message.number:
            self._number = message.number
        uri = f"sip:{self._number}@[remote_ip]:[remote_port]" if outside and self._calls else "[next_url]"
        branch = "[branch]"
        if method == "CANCEL" or (method == "ACK" and self._failed):  # they belong to the INVITE's transaction
            branch = f"[branch-{len(self._parts) - self._invite}]"
        if method == "INVITE":
            self._invite = len(self._parts)
        me, peer = f"<sip:{self._user}@[remote_ip]>;tag={_TAG}", f"<sip:{self._number}@[remote_ip]:[remote_port]>"
        to = peer if message.number or method == "CANCEL" else f"{peer}[peer_tag_param]"
        if not self._calls:
            me, to = f"[$me];tag={_TAG}", "[$peer]"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}",
            "Max-Forwards: 70",
            f"From: {me}",
            f"To: {to}",
            "Call-ID: [call_id]",
            f"CSeq: {self._seq} {method}",
            f"Contact: <sip:{self._user}@[local_ip]:[local_port]>",
            *([] if outside else ["[routes]"]),
            *(["[authentication]"] if "auth" in message.flags else []),
            *message.headers,
        ]
        self._send(lines, message, again=method != "ACK")

    def _respond(self, message: _Message) -> None:
        tag = f";tag={_TAG}" if not self._calls and self._last == "" else ""
        reason = {"100": "Trying", "180": "Ringing", "183": "Session Progress", "200": "OK", "302": "Moved"}
        lines = [
            f"SIP/2.0 {message.what} {reason.get(message.what, 'No')}",
            "[last_Via:]",
            "[last_Record-Route:]",
            "[last_From:]",
            f"[last_To:]{tag}",
            "[last_Call-ID:]",
            "[last_CSeq:]",
            f"Contact: <sip:{self._user}@[local_ip]:[local_port]>",
            *message.headers,
        ]
        final = int(message.what) >= 200
        self._send(lines, message, again=final and bool(tag))
        if final and tag:
            self._last = "answered"

    def _send(self, lines: list[str], message: _Message, *, again: bool) -> None:
        body = self._body(message.flags)
        if body:
            kind = next((kind for begin, kind in _KINDS.items() if body.startswith(begin)), "application/sdp")
            lines.append(f"Content-Type: {kind}")
        lines.append("Content-Length: [len]" if body else "Content-Length: 0")
        text = "\n".join([*lines, "", body or ""])
        retrans = ' retrans="500"' if again else ""
        self._parts.append(f"<send{retrans}><![CDATA[\n{text}\n]]></send>")

    def _body(self, flags: set[str]) -> str:
        if "nonsense" in flags:
            return "this is no session description\n"
        if keys := [flag for flag in flags if flag.startswith("key")]:
            return f"Signal={keys[0][3:]}\nDuration=160\n"
        if "silence" in flags:
            return "<SetDoNotDisturb><doNotDisturbOn>true</doNotDisturbOn></SetDoNotDisturb>\n"
        if "image" in flags:
            self._version += 1
            return _IMAGE.format(version=self._version)
        for name in flags & _BODIES.keys():
            self._version += 1
            host, direction = _BODIES[name]
            return _SDP.format(version=self._version, host=host, port="[media_port]", direction=direction)
        return ""


def _expanded(line: str) -> tuple[str, ...]:
    arrow, _, text = line.partition(" ")
    if text.startswith("call"):
        if arrow == "->":
            return tuple(each.format(number=text.split()[1]) for each in _CALL)
        return _TAKE
    return (line,)


def _action(actions: str) -> str:
    return f"<action>{actions}</action>" if actions else ""
