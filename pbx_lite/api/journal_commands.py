"""What a client may ask of the journal: people see their own calls, administrators and the system all."""

from typing import Any

from pbx_lite.api import schema
from pbx_lite.api.command import Ask, command
from pbx_lite.api.facade import there


@command("journal/list", schema.JOURNAL)
async def entries(ask: Ask) -> dict[str, Any]:
    """One page, newest first; `next` is the `before` of the following one."""
    user = ask.on_behalf() if "user" in ask.fields or not ask.may_all else ""
    rows, after = await there(ask.services.journal).entries(
        user=user,
        way=ask["way"],
        number=ask["number"],
        direction=ask["direction"],
        outcome=ask["outcome"],
        before=ask["before"],
        limit=ask["limit"],
    )
    return {"entries": [dict(row) for row in rows], "next": after}
