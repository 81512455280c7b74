"""What the file provides: shared phones, lines to the outside, and rooms and teams, which the directory adds to."""

from collections.abc import Mapping

from pbx_lite.config import Calling, Config, Room, Team, Trunk, Workplace
from pbx_lite.errors import NotFound


class Provisioned:
    """Looked up by name; but for rooms and teams nothing here changes while the PBX runs."""

    def __init__(self, config: Config) -> None:
        self._rooms = {room.name: room for room in config.rooms}
        self._teams = {team.name: team for team in config.teams}
        self._workplaces = {workplace.name: workplace for workplace in config.workplaces}
        self._trunks = {trunk.name: trunk for trunk in config.trunks}
        self.calling: Calling = config.calling
        """The rules for calls, and the codes of features."""
        self.language: str = config.language
        """What callers are spoken to in who have none of their own."""

    def rooms(self) -> list[Room]:
        return list(self._rooms.values())

    def teams(self) -> list[Team]:
        return list(self._teams.values())

    def workplaces(self) -> list[Workplace]:
        return list(self._workplaces.values())

    def trunks(self) -> list[Trunk]:
        return list(self._trunks.values())

    def room(self, name: str) -> Room:
        """Raises NotFound."""
        return found(self._rooms, name, "room")

    def team(self, name: str) -> Team:
        """Raises NotFound."""
        return found(self._teams, name, "team")

    def workplace(self, name: str) -> Workplace:
        """Raises NotFound."""
        return found(self._workplaces, name, "workplace")

    def trunk(self, name: str) -> Trunk:
        """Raises NotFound."""
        return found(self._trunks, name, "trunk")


def found[T](records: Mapping[str, T], name: str, kind: str) -> T:
    """Raises NotFound with a sentence."""
    try:
        return records[name]
    except KeyError:
        raise NotFound(f"There is no {kind} named {name}.") from None
