"""The calls, phones and lines of tests/wire/: fakes that answer at once and keep what they were asked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from pbx_lite.api.call_facade import CallSeen
from pbx_lite.calls.party import ANONYMOUS, Party
from pbx_lite.errors import Conflict, Invalid, NotFound, Unavailable

STARTED = datetime(2026, 11, 21, 9, 58, 30, tzinfo=UTC)
ANSWERED = datetime(2026, 11, 21, 9, 58, 42, tzinfo=UTC)
ANNA = Party(number="101", name="Anna Berger", user="anna")
BEN = Party(number="102", name="Ben Berger", user="ben")
SURGERY = Party(number="+4989123456", name="Dr. Huber", trunk="provider")


class FakeState(Enum):
    RINGING = "ringing"
    UP = "up"


@dataclass(kw_only=True)
class FakeSeat:
    party: Party
    device: str = ""
    caller: bool = False
    holding: bool = False


@dataclass(kw_only=True)
class FakeDevice:
    user: str
    device: str = ""


@dataclass(kw_only=True)
class FakeCall:
    id: str
    caller: Party
    callee: Party
    number: str
    state: FakeState = FakeState.UP
    direction: str = "internal"
    trunk: str = ""
    started_at: datetime = STARTED
    answered_at: datetime | None = ANSWERED
    seats: list[FakeSeat] = field(default_factory=list)
    ringing: list[FakeDevice] = field(default_factory=list)


def _calls() -> list[FakeCall]:
    """Anna has put Dr. Huber on hold and speaks with Ben; somebody who hides their number rings for Carla."""
    return [
        FakeCall(
            id="c1",
            caller=SURGERY,
            callee=ANNA,
            number="+498912340",
            direction="inbound",
            trunk="provider",
            seats=[FakeSeat(party=SURGERY, caller=True), FakeSeat(party=ANNA, device="101", holding=True)],
        ),
        FakeCall(
            id="c2",
            caller=ANNA,
            callee=BEN,
            number="102",
            seats=[FakeSeat(party=ANNA, device="101", caller=True), FakeSeat(party=BEN, device="102")],
        ),
        FakeCall(
            id="c3",
            caller=Party(number="anonymous", name="Anonymous", trunk="provider", private=True),
            callee=Party(number="103", name="Carla", user="carla"),
            number="+498912341",
            state=FakeState.RINGING,
            direction="inbound",
            trunk="provider",
            answered_at=None,
            seats=[
                FakeSeat(
                    party=Party(number=ANONYMOUS.number, name=ANONYMOUS.name, trunk="provider", private=True),
                    caller=True,
                )
            ],
            ringing=[FakeDevice(user="carla", device="103")],
        ),
    ]


class FakeCalls:
    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.known = _calls()

    def calls(self) -> Iterable[CallSeen]:
        return list(self.known)

    def call(self, call: str) -> CallSeen:
        for known in self.known:
            if known.id == call:
                return known
        raise NotFound("There is no such call.")

    def busy(self, user: str) -> bool:
        return any(seat.party.user == user for call in self.known for seat in call.seats)

    async def dial(self, user: str, number: str, *, device: str = "", auto_answer: bool = False) -> CallSeen:
        if user == "carla":
            raise Unavailable("No phone of Carla is registered.")
        self.asked.append(("dial", user, number, device, auto_answer))
        return FakeCall(id="c4", caller=ANNA, callee=Party(number=number), number=number)

    def hang_up(self, call: str, user: str) -> None:
        self.asked.append(("hang_up", call, user))

    async def answer(self, call: str, user: str) -> None:
        if call != "c3":
            raise Conflict("This call does not ring any more.")
        self.asked.append(("answer", call, user))

    def hold(self, call: str, user: str) -> None:
        self._in(call, user)
        self.asked.append(("hold", call, user))

    def resume(self, call: str, user: str) -> None:
        self._in(call, user)
        self.asked.append(("resume", call, user))

    async def send_dtmf(self, call: str, user: str, digits: str) -> None:
        self._in(call, user)
        self.asked.append(("send_dtmf", call, user, digits))

    def transfer(self, call: str, user: str, number: str) -> None:
        self._in(call, user)
        self.asked.append(("transfer", call, user, number))

    def connect(self, call: str, user: str, other: str) -> None:
        self.call(other)
        self.asked.append(("connect", call, user, other))

    def conference(self, call: str, user: str, other: str) -> None:
        self.call(other)
        self.asked.append(("conference", call, user, other))

    def remove(self, call: str, user: str, number: str) -> None:
        if number not in {"102", "ben", SURGERY.number}:
            raise NotFound(f"{number} is not in this call.")
        self.asked.append(("remove", call, user, number))

    def _in(self, call: str, user: str) -> None:
        if self.call(call).answered_at is None:
            raise Conflict("This call is not answered.")


class FakeAnnouncer:
    async def announce(self, targets: Sequence[str], url: str) -> tuple[Sequence[str], Mapping[str, str]]:
        if url.startswith("ftp:"):
            raise Invalid("url: only http, https and files of the data folder can be played")
        return [target for target in targets if target != "103"], {
            target: "No phone of Carla is registered." for target in targets if target == "103"
        }


ENTRIES: list[dict[str, Any]] = [
    {
        "id": 12,
        "call": "b7",
        "at": "2026-11-21T09:12:03.000+00:00",
        "answered_at": "2026-11-21T09:12:09.500+00:00",
        "ended_at": "2026-11-21T09:14:11.000+00:00",
        "seconds": 121.5,
        "direction": "inbound",
        "trunk": "provider",
        "caller": "+4989123456",
        "caller_name": "Dr. Huber",
        "caller_user": "",
        "number": "+498912340",
        "callee_name": "Anna Berger",
        "callee_user": "anna",
        "answered_by": "anna",
        "outcome": "answered",
        "cause": 16,
        "reason": "Normal call clearing",
        "quality": [
            {"number": "101", "received": 6075, "lost": 3, "jitter": 1.5, "round_trip": 2.1, "codec": "PCMA"},
            {"number": "+4989123456", "received": 6071, "lost": 0, "jitter": 4.0, "round_trip": None, "codec": "PCMA"},
        ],
    },
    {
        "id": 11,
        "call": "b6",
        "at": "2026-11-20T18:40:00.000+00:00",
        "answered_at": None,
        "ended_at": "2026-11-20T18:40:20.000+00:00",
        "seconds": 0.0,
        "direction": "internal",
        "trunk": "",
        "caller": "102",
        "caller_name": "Ben Berger",
        "caller_user": "ben",
        "number": "103",
        "callee_name": "Carla",
        "callee_user": "carla",
        "answered_by": "",
        "outcome": "missed",
        "cause": 19,
        "reason": "No answer",
        "quality": [],
    },
]


class FakeJournal:
    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []

    async def entries(
        self,
        *,
        user: str = "",
        way: str = "",
        number: str = "",
        keys: Collection[str] = (),
        direction: str = "",
        outcome: str = "",
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[Sequence[Mapping[str, Any]], int | None]:
        self.asked.append({"user": user, "way": way, "number": number, "direction": direction, "outcome": outcome})
        self.keys = list(keys)
        rows = [
            row
            for row in ENTRIES
            if (not user or user in {row["caller_user"], row["callee_user"], row["answered_by"]})
            and number in row["caller"] + row["number"]
            and direction in {"", row["direction"]}
            and outcome in {"", row["outcome"]}
            and (before is None or row["id"] < before)
        ]
        return rows[:limit], rows[limit - 1]["id"] if len(rows) > limit else None


class FakeTeams:
    """A family, of whom Ben rests, and somebody who waits for it."""

    def __init__(self) -> None:
        self.duties = {"ben": "paused"}

    def states(self) -> Sequence[Mapping[str, Any]]:
        waiting = {"call": "c9", "number": "+4989123456", "name": "Dr. Huber", "since": "2026-11-21T09:40:00.000+00:00"}
        return [
            {
                "name": "family",
                "display_name": "Family",
                "extension": "160",
                "members": ["anna", "ben"],
                "duties": {user: duty for user, duty in self.duties.items() if duty != "in"},
                "waiting": [waiting],
                "provisioned": True,
            }
        ]

    def state(self, name: str) -> Mapping[str, Any]:
        team = next((team for team in self.states() if team["name"] == name), None)
        if team is None:
            raise NotFound(f"There is no team named {name}.")
        return team

    def set_duty(self, team: str, user: str, duty: str) -> None:
        self.state(team)
        self.duties[user] = duty


class FakePeople:
    def __init__(self) -> None:
        self.states: dict[str, dict[str, Any]] = {
            "anna": {
                "registered": True,
                "devices": [
                    {
                        "name": "phone",
                        "account": "101",
                        "kind": "phone",
                        "registered": True,
                        "user_agent": "snomD785/10.1.175.16",
                        "address": "192.0.2.41",
                    },
                    {"name": "mobile", "account": "", "kind": "mobile", "registered": True, "user_agent": ""},
                ],
                "profile": "home",
                "profiles": ["home", "away"],
            },
            "ben": {
                "registered": True,
                "devices": [
                    {
                        "name": "phone",
                        "account": "102",
                        "kind": "phone",
                        "registered": True,
                        "user_agent": "Yealink SIP-T46U 108.86.0.20",
                        "address": "192.0.2.42",
                    }
                ],
                "do_not_disturb": True,
                "profile": "home",
                "profiles": ["home"],
            },
            "carla": {
                "devices": [
                    {
                        "name": "phone",
                        "account": "103",
                        "kind": "phone",
                        "registered": False,
                        "user_agent": "",
                        "address": "",
                    },
                ],
                "ringing": True,
                "profile": "home",
                "profiles": ["home"],
            },
        }
        self.logins: dict[str, str | None] = {"kitchen": "anna", "study": None}
        self.follow_me: dict[str, Any] = {
            "profile": "home",
            "outgoing": "phone",
            "mobile": "+491701234567",
            "do_not_disturb": False,
            "call_waiting": True,
            "forward": {"always": "", "busy": "", "no_answer": "102", "seconds": 20},
            "profiles": [
                {
                    "name": "home",
                    "internal": None,
                    "external": [
                        {"device": "phone", "after": 0, "seconds": None},
                        {"device": "mobile", "after": 10, "seconds": 20},
                    ],
                    "team": None,
                },
                {
                    "name": "away",
                    "internal": [{"device": "mobile", "after": 0, "seconds": None}],
                    "external": [{"device": "mobile", "after": 0, "seconds": None}],
                    "team": [],
                },
            ],
        }

    def state(self, user: str) -> Mapping[str, Any]:
        return self.states.get(user, {})

    def workplaces(self) -> Sequence[Mapping[str, Any]]:
        names = {"kitchen": "Kitchen", "study": "Study"}
        return [{"name": name, "display_name": names[name], "user": user} for name, user in self.logins.items()]

    def log_in(self, workplace: str, user: str) -> None:
        self._check(workplace)
        self.logins[workplace] = user

    def log_out(self, workplace: str) -> None:
        self._check(workplace)
        self.logins[workplace] = None

    def _check(self, workplace: str) -> None:
        if workplace not in self.logins:
            raise NotFound(f"There is no workplace named {workplace}.")

    async def set(self, user: str, **fields: Any) -> None:
        if fields.get("profile") not in {None, *self.states[user]["profiles"]}:
            raise NotFound(f"There is no profile named {fields['profile']}.")
        shown = {"do_not_disturb", "profile", "availability", "availability_text", "idle"}
        self.states[user].update({key: value for key, value in fields.items() if key in shown})

    def settings(self, user: str) -> Mapping[str, Any]:
        return self.follow_me

    async def set_follow_me(self, user: str, profile: str, fields: Mapping[str, Any]) -> None:
        profiles = self.follow_me["profiles"]
        if fields.get("remove"):
            self.follow_me["profiles"] = [each for each in profiles if each["name"] != profile]
            return
        fields = dict(fields)
        self.follow_me["outgoing"] = fields.pop("outgoing", self.follow_me["outgoing"])
        for scope in ("internal", "external", "team"):
            for rung in fields.get(scope) or ():
                if rung["device"] not in {"phone", "mobile"}:
                    raise NotFound(f"There is no device named {rung['device']}.")
        for each in profiles:
            if each["name"] == profile:
                each.update(fields)
                return
        profiles.append({"name": profile, "internal": [], "external": [], "team": []} | fields)

    async def forward(self, user: str, fields: Mapping[str, Any]) -> None:
        self.follow_me["forward"] = {**self.follow_me["forward"], **fields}


class FakeTrunks:
    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def states(self) -> Sequence[Mapping[str, Any]]:
        return [
            {
                "name": "provider",
                "display_name": "Provider",
                "state": "registered",
                "reason": "",
                "channels": 4,
                "in_use": 2,
            },
            {
                "name": "fritzbox",
                "display_name": "FRITZ!Box",
                "state": "failed",
                "reason": "The FRITZ!Box refuses the password (403 Forbidden).",
                "channels": 2,
                "in_use": 0,
            },
        ]

    def answer_route(self, request: str, *, number: str = "", refuse: bool = False, ring: Sequence[str] = ()) -> None:
        if request != "q1":
            raise NotFound("This call has been routed already.")
        self.asked.append((request, number, refuse, tuple(ring)))


class FakeMessages:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    async def send(self, by: str, to: str, text: str) -> None:
        if to not in {"anna", "ben"}:
            raise Unavailable("No phone of Carla takes messages.")
        self.sent.append((by, to, text))


@dataclass(frozen=True, kw_only=True)
class FakePage:
    status: int
    content_type: str = "text/plain"
    body: bytes = b""


class FakeProvisioning:
    def link(self, user: str, device: str, model: str) -> tuple[str, datetime]:
        if model not in {"snom", "yealink", "grandstream", "linphone"}:
            raise NotFound(f"There is no model {model}; choose one of grandstream, linphone, snom, yealink.")
        expires = datetime(2026, 11, 21, 11, tzinfo=UTC)
        return f"https://192.0.2.10:8765/provision/golden-one-time/{model}.cfg", expires

    def link_shared(self, workplace: str, model: str) -> tuple[str, datetime]:
        if workplace not in {"kitchen", "study"}:
            raise NotFound(f"There is no workplace named {workplace}.")
        return self.link("", workplace, model)

    async def restart(self, user: str, device: str) -> None:
        if device:
            raise Unavailable("This phone cannot be told to start anew: it answered 489.")

    def fetch(self, path: str, *, user_agent: str, source: str) -> FakePage:
        if path != "/provision/golden-one-time/snom.cfg":
            return FakePage(status=404, body=b"There is nothing here.\n")
        return FakePage(status=200, content_type="text/xml", body=f"<!-- {user_agent} at {source} -->".encode())
