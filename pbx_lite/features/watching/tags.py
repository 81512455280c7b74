"""By which dialog a watcher takes a call that rings at somebody else (RFC 4235 section 4.1, RFC 3891)."""

from collections.abc import Callable

from pbx_lite.calls.sip_leg import SipLeg
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.features.watching.dialog_info import Tags


def ringing_at(switchboard: Switchboard) -> Callable[[str, str], Tags | None]:
    """The dialog of the first of the user's phones that rings, by call and user; None where none does."""

    def tags(call: str, user: str) -> Tags | None:
        found = switchboard.calls.get(call)
        for ringing in found.ringing if found is not None else ():
            leg = ringing.leg
            dialog = leg.session.dialog if isinstance(leg, SipLeg) and leg.session is not None else None
            if ringing.user == user and dialog is not None:
                return Tags(dialog.call_id, dialog.local_tag, dialog.remote_tag)
        return None

    return tags
