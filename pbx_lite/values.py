"""Frozen dataclasses that cost a third: mypy keeps people from changing them, the interpreter need not."""

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool = False, eq: bool = True, **options: Any) -> Any:
        """`dataclasses.dataclass` for what is made for every message or call: fields are stored plainly.

        A frozen class of the standard library calls `object.__setattr__` for each field.  Equality and hashing are as
        there.  A class that is frozen at run time cannot inherit from one of these.
        """
        return dataclasses.dataclass(eq=eq, unsafe_hash=frozen and eq, **options)


__all__ = ["dataclass"]
