import pytest

from pbx_lite.features.voicemail.menu import MENU, Action, State, decide, told
from pbx_lite.speech.texts import texts


@pytest.mark.parametrize("state", State)
def test_each_key_means_one_thing_in_each_state(state: State) -> None:
    keys = [key.key for key in MENU[state]]
    assert len(keys) == len(set(keys))
    assert set(keys) <= set("0123456789*#")
    assert decide(state, "*") == (Action.HELP, state)


@pytest.mark.parametrize("state", State)
def test_a_key_that_does_nothing_leaves_everybody_where_they_are(state: State) -> None:
    assert decide(state, "0") == (Action.REFUSE, state)


def test_keys_of_a_message_are_those_of_asterisk() -> None:
    does = {key: decide(State.MESSAGE, key)[0] for key in "456789"}
    assert does == {
        "4": Action.PREVIOUS,
        "5": Action.AGAIN,
        "6": Action.NEXT,
        "7": Action.DELETE,
        "8": Action.CALL_BACK,
        "9": Action.KEEP_NEW,
    }


def test_a_hash_leads_back_and_then_out() -> None:
    assert decide(State.MESSAGE, "#")[1] is State.MAIN
    assert decide(State.GREETING, "#")[1] is State.MAIN
    assert decide(State.MAIN, "#")[0] is Action.END


def test_in_the_box_of_a_door_there_is_no_greeting_and_no_pin() -> None:
    assert [decide(State.HOUSE, key)[0] for key in "123#"] == [Action.FIRST, Action.REFUSE, Action.REFUSE, Action.END]
    assert decide(State.MESSAGE, "#", main=State.HOUSE)[1] is State.HOUSE


@pytest.mark.parametrize("state", State)
def test_every_key_that_is_told_of_has_its_words(state: State) -> None:
    for prompt, key in told(state):
        assert "{digits}" in texts("en")[prompt]
        assert decide(state, key)[0] is not Action.REFUSE
