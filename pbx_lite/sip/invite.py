"""INVITEs from both ends."""

from pbx_lite.sip.incoming import IncomingInvite, invite_of
from pbx_lite.sip.outgoing import OutgoingInvite

__all__ = ["IncomingInvite", "OutgoingInvite", "invite_of"]
