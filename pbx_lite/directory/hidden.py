"""Every password, code and PIN that the directory knows, so that none of them is shown by mistake."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from pbx_lite.config import Secret
from pbx_lite.directory.directory import Directory


def secrets_of(directory: Directory) -> set[str]:
    records = (directory.users(), directory.doors(), directory.rooms(), directory.workplaces(), directory.trunks())
    pins = {directory.pin_of(room.name) for room in directory.rooms()}
    return {str(secret) for secret in (*secrets_in(records), *pins) if secret}


def secrets_in(value: object) -> Iterator[Secret]:
    """Whatever is a `Secret` in this record, or in these."""
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from secrets_in(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from secrets_in(getattr(value, field.name))
