"""What the demo door shows of itself."""

from pbx_lite.demo.status import Status, Teller


def teller() -> Teller:
    return Teller(Status("Front door", "150@127.0.0.1"))


def test_listeners_hear_of_changes_until_they_forget_and_of_nothing_else() -> None:
    door, heard = teller(), []
    forget = door.listen(lambda: heard.append(door.status.call))
    door.change(call="ringing")
    door.change(call="ringing")
    forget()
    door.change(call="idle")
    assert heard == ["ringing"]


def test_an_open_door_says_so_before_anything_else() -> None:
    door = teller()
    door.change(call="talking", opened=True)
    assert door.status.words() == "OPEN - COME IN"
    door.change(opened=False)
    assert door.status.words() == "TALKING"


def test_the_log_keeps_the_newest_lines() -> None:
    door = teller()
    for number in range(100):
        door.log(str(number))
    assert door.status.log[-1] == "99"
    assert len(door.status.log) == 30
