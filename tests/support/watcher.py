"""A phone with lamp keys: it subscribes, answers what it is told and remembers it."""

from pbx_lite.sip.endpoint import IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import Request, Response
from tests.support.fake_phone import FakePhone
from tests.support.listen import Record


class Watcher(FakePhone):
    """`told` are the NOTIFYs, `texts` the MESSAGEs."""

    def __init__(self, *args: object, **fields: object) -> None:
        super().__init__(*args, **fields)  # type: ignore[arg-type]
        self.told: Record[Request] = Record(f"{self.account} is told")
        self.texts: Record[Request] = Record(f"{self.account} reads")

    def on_request(self, incoming: IncomingRequest) -> None:
        records = {"NOTIFY": self.told, "MESSAGE": self.texts}
        if (record := records.get(incoming.request.method)) is not None:
            incoming.respond(200)
            record.add(incoming.request)
        else:
            super().on_request(incoming)

    async def subscribe(self, number: str, event: str = "dialog", *, expires: int = 600) -> Response:
        return await self.send("SUBSCRIBE", number, ("Event", event), ("Expires", str(expires)))

    async def press(self, wish: bytes) -> Response:
        """A key for do not disturb or forwarding, which wants this; from then on its lamp follows."""
        kind = ("Content-Type", "application/x-as-feature-event+xml")
        return await self.send("SUBSCRIBE", self.account, ("Event", "as-feature-event"), kind, body=wish)

    async def send(self, method: str, number: str, *headers: tuple[str, str], body: bytes = b"") -> Response:
        """A request outside of calls, its challenge answered; the final response."""
        return await self.endpoint.request(
            method,
            self.uri(number),
            target=self.pbx,
            from_=NameAddr("", self.uri(self.account)),
            headers=headers,
            body=body,
            credentials=self.credentials,
        )

    async def sees(self, text: str, *, within: float = 20.0) -> Request:
        """The next NOTIFY whose body has this text; what came before it is passed over."""
        return await self.told.next(lambda each: text.encode() in each.body, within=within)

    async def reads(self, text: str, *, within: float = 20.0) -> Request:
        return await self.texts.next(lambda each: text.encode() in each.body, within=within)
