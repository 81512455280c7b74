"""Who exists and what they may: users, doors, teams, roles, those of the file and those made at runtime, in one place.

Imports the configuration's records and the store's tables; knows no calls.
"""

from pbx_lite.config import Door, Role, Room, User
from pbx_lite.directory.accounts import Account, AccountKind
from pbx_lite.directory.directory import Directory
from pbx_lite.directory.keeping import Kept, PeopleStore
from pbx_lite.directory.known import Right

__all__ = ["Account", "AccountKind", "Directory", "Door", "Kept", "PeopleStore", "Right", "Role", "Room", "User"]
