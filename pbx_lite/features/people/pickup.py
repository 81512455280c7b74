"""Taking a call that rings at somebody else."""

from collections.abc import Iterable

from pbx_lite.calls.call import Call, CallState
from pbx_lite.directory import AccountKind, Directory, User


def waiting_for(calls: Iterable[Call], directory: Directory, user: User, number: str = "") -> Call | None:
    """The call that `user` would take: the one that rings longest.

    With a number it is one that was dialled so, or rings at whose number it is; without, one that rings at somebody
    who shares a team with the user, or at anybody in a home without teams.
    """
    ringing = [call for call in calls if _rings(call) and call.caller.user != user.name]
    if number:
        account = directory.by_extension(number)
        people = {account.owner} if account is not None and account.kind is AccountKind.USER else set[str]()
        fitting = [call for call in ringing if number in {call.number, call.callee.number} or _rings_at(call, people)]
    else:
        people = _colleagues(directory, user)
        fitting = [call for call in ringing if _rings_at(call, people)]
    return min(fitting, key=lambda call: call.started, default=None)


def _rings(call: Call) -> bool:
    return call.state is CallState.RINGING and bool(call.ringing)


def _rings_at(call: Call, people: Iterable[str]) -> bool:
    return any(device.user in people for device in call.ringing if device.user)


def _colleagues(directory: Directory, user: User) -> set[str]:
    if not directory.teams():
        return {each.name for each in directory.users()}
    return {user.name} | {
        member.name for team in directory.teams_of(user.name) for member in directory.members_of(team)
    }
