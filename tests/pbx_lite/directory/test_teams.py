"""Teams made while the PBX runs, and where lines ring."""

import pytest

from pbx_lite.config import Config, Team, User
from pbx_lite.directory import Directory, Kept
from pbx_lite.errors import Conflict, Invalid

FILE = Config(
    users=(User(name="anna", display_name="Anna", extension="101"),),
    teams=(Team(name="all", display_name="All", extension="600", members=("*",)),),
)


async def test_a_team_gets_a_free_extension_and_a_name_of_its_own() -> None:
    directory = Directory(FILE)
    team = await directory.add_team({"display_name": "Everyone", "members": ["*"]})
    assert (team.name, team.extension, team.provisioned) == ("everyone-2", "601", False)
    with pytest.raises(Conflict, match="used by Everyone"):
        await directory.add_user({"name": "ben", "extension": "601"})
    with pytest.raises(Conflict, match="configuration file"):
        await directory.update_team("all", {"members": []})
    with pytest.raises(Invalid, match="nobody"):
        await directory.update_team(team.name, {"members": ["nobody"]})


async def test_two_administrators_of_one_team_do_not_overwrite_each_other() -> None:
    directory = Directory(FILE)
    team = await directory.add_team({"display_name": "Upstairs", "members": ["anna"]})
    seen = directory.revisions.of(team)
    await directory.update_team("upstairs", {"ring_seconds": 30}, revision=seen)
    with pytest.raises(Conflict, match="somebody else"):
        await directory.update_team("upstairs", {"ring_seconds": 40}, revision=seen)


async def test_who_goes_rings_no_more_and_a_number_that_leads_nowhere_is_forgotten() -> None:
    directory = Directory(FILE)
    await directory.add_user({"name": "ben"})
    await directory.add_team({"display_name": "Upstairs", "members": ["anna", "ben"]})
    await directory.set_arrivals(
        "line", [{"rings": ["anna", "ben"], "mailbox": "ben"}, {"number": "1", "rings": ["ben"]}]
    )
    await directory.remove_user("ben")
    assert directory.team("upstairs").members == ("anna",)
    assert [(each.number, each.rings, each.mailbox) for each in directory.arrivals_of("line")] == [("", ("anna",), "")]
    await directory.set_arrivals("line", [{"number": "2", "rings": ["upstairs"]}])
    await directory.remove_team("upstairs")
    assert directory.arrivals_of("line") == ()


def test_what_was_kept_of_somebody_who_left_the_file_is_left_out() -> None:
    arrivals = {"arrivals": [{"number": "", "rings": ["gone"]}, {"number": "1", "rings": ["gone", "anna"]}]}
    directory = Directory(FILE, kept=Kept(arrivals={"line": arrivals}))
    assert [(each.number, each.rings) for each in directory.arrivals_of("line")] == [("1", ("anna",))]
