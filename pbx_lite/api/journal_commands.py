"""What a client may ask of the journal: people see their own calls, administrators and the system all."""

from collections.abc import Mapping
from typing import Any

from pbx_lite.api import schema
from pbx_lite.api.command import Ask, command
from pbx_lite.api.facade import there

_OUTSIDE = {"inbound": ("caller", "caller_name", False), "outbound": ("number", "callee_name", True)}
"""Who is outside in a call of this direction: the fields of their number and name, and whether it was dialled."""


@command("journal/list", schema.JOURNAL)
async def entries(ask: Ask) -> dict[str, Any]:
    """One page, newest first; `next` is the `before` of the following one.

    `number` finds calls by what was written down with them, and by the names that the asker's phonebooks have today.
    """
    user = ask.on_behalf() if "user" in ask.fields or not ask.may_all else ""
    book, number = ask.services.phonebook, ask["number"]
    keys = await book.numbers_of(number, ask.asker) if book is not None and number else ()
    rows, after = await there(ask.services.journal).entries(
        user=user,
        way=ask["way"],
        number=number,
        keys=keys,
        direction=ask["direction"],
        outcome=ask["outcome"],
        before=ask["before"],
        limit=ask["limit"],
    )
    return {"entries": [_named(ask, row) for row in rows], "next": after}


def _named(ask: Ask, row: Mapping[str, Any]) -> dict[str, Any]:
    """The call as the asker reads it: somebody outside has the name of the asker's own phonebook.

    Who had no name when they called has the one that the company's book gives them by now.
    """
    entry, book = dict(row), ask.services.phonebook
    if book is None or row["direction"] not in _OUTSIDE:
        return entry
    number, name, dialled = _OUTSIDE[row["direction"]]
    own = book.own_name_of(row[number], ask.asker, dialled=dialled)
    entry[name] = own or row[name] or book.name_of(row[number], dialled=dialled)
    return entry
