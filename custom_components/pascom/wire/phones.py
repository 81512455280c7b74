"""What may be asked of the PBX about calls and phones: typed commands.  Knows nothing of Home Assistant."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from .models import Account, Actor

# The phones of everyone who is to hear it are called first, and then it has to be said.
ANNOUNCE_TIMEOUT = 180.0

type Command = Callable[..., Coroutine[Any, Any, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """Whom an announcement reached; `failed` says for each of the others, in a sentence, why not."""

    reached: tuple[str, ...]
    failed: Mapping[str, str]

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(reached=tuple(data.get("reached", ())), failed=dict(data.get("failed", {})))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisioningLink:
    """An address that a phone fetches its settings from, once.  It is a secret."""

    url: str
    expires: datetime | None

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        expires = data.get("expires")
        return cls(url=data["url"], expires=datetime.fromisoformat(expires) if expires else None)


class Phones:
    """Each method asks on behalf of `actor`, None for the system, and raises PascomError."""

    def __init__(self, command: Command) -> None:
        self._command = command

    async def dial(self, actor: Actor | None, number: str, *, user: str = "", auto_answer: bool = False) -> str:
        """Ring the user's own phones, then `number`.  Returns the call's id."""
        given = {"user": user} if user else {}
        answer = {"auto_answer": True} if auto_answer else {}
        return str((await self._command("call/dial", actor=actor, number=number, **given, **answer))["call"])

    async def hang_up(self, actor: Actor | None, call: str, user: str = "") -> None:
        """The user leaves, or declines what rings for them; without a user the call ends for everybody."""
        await self._steer("call/hang_up", actor, call, user)

    async def answer(self, actor: Actor | None, call: str, user: str) -> None:
        await self._steer("call/answer", actor, call, user)

    async def hold(self, actor: Actor | None, call: str, user: str) -> None:
        await self._steer("call/hold", actor, call, user)

    async def resume(self, actor: Actor | None, call: str, user: str) -> None:
        await self._steer("call/resume", actor, call, user)

    async def send_dtmf(self, actor: Actor | None, call: str, user: str, digits: str) -> None:
        await self._steer("call/send_dtmf", actor, call, user, digits=digits)

    async def transfer(self, actor: Actor | None, call: str, user: str, number: str) -> None:
        await self._steer("call/transfer", actor, call, user, number=number)

    async def join(self, actor: Actor | None, call: str, user: str, other: str) -> None:
        """Connect the two whom the user speaks with; the user leaves both calls."""
        await self._steer("call/transfer", actor, call, user, to_call=other)

    async def announce(self, actor: Actor | None, targets: list[str], url: str) -> Announced:
        result = await self._command("call/announce", actor=actor, timeout=ANNOUNCE_TIMEOUT, targets=targets, url=url)
        return Announced.from_wire(result)

    async def send_message(self, actor: Actor | None, to: str, text: str) -> None:
        await self._command("message/send", actor=actor, to=to, text=text)

    async def route(self, actor: Actor | None, request: str, **decision: Any) -> None:
        """Say where a call from outside goes: one of `number`, `ring` (users) and `refuse`; none leaves it as it is."""
        await self._command("route/answer", actor=actor, request=request, **decision)

    async def set_user(self, actor: Actor | None, user: str, **fields: Any) -> None:
        """`do_not_disturb`, `availability`, `idle`, `profile`, `mobile` ("" for none) or `pin` (for shared phones)."""
        await self._command("user/set", actor=actor, user=user, **fields)

    async def account_of(self, user: str) -> Account:
        """What is typed into a phone of this user."""
        return Account.from_wire((await self._command("user/account", user=user))["account"])

    async def settings_of(self, user: str) -> Mapping[str, Any]:
        """How the user is reached; `mobile` is their number outside."""
        settings: Mapping[str, Any] = await self._command("user/follow_me", user=user)
        return settings

    async def add_device(self, user: str, device: str) -> Account:
        """One more phone of the user, with an account of its own."""
        return Account.from_wire((await self._command("user/add_device", user=user, device=device))["account"])

    async def remove_device(self, user: str, device: str) -> None:
        await self._command("user/remove_device", user=user, device=device)

    async def provisioning_link(self, user: str, device: str, model: str) -> ProvisioningLink:
        result = await self._command("provision/link", user=user, device=device, model=model)
        return ProvisioningLink.from_wire(result)

    async def _steer(self, kind: str, actor: Actor | None, call: str, user: str, **more: Any) -> None:
        """A command about one party of a call; without a user the PBX takes the one who asks."""
        given = {"user": user} if user else {}
        await self._command(kind, actor=actor, call=call, **given, **more)
