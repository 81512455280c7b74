"""The keys of a mailbox, by Asterisk's where that has one: a table that can be read, and spoken (sans-I/O)."""

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """Where somebody is in their mailbox."""

    MAIN = "main"
    HOUSE = "house"
    """As MAIN, in the box of a door: there is no greeting of somebody's own and no PIN."""
    MESSAGE = "message"
    GREETING = "greeting"


class Action(Enum):
    """What a key does before the next state is entered."""

    NOTHING = "nothing"
    HELP = "say what the keys do"
    REFUSE = "this key does nothing here"
    END = "end the call"
    FIRST = "the first message"
    AGAIN = "the same message again"
    PREVIOUS = "the message before it"
    NEXT = "the message after it"
    DELETE = "delete it, or bring it back"
    KEEP_NEW = "keep it as new"
    CALL_BACK = "call whoever left it"
    CHANGE_PIN = "another PIN"
    HEAR_GREETING = "play the greeting"
    RECORD_GREETING = "record a greeting"
    STANDARD_GREETING = "go back to the standard greeting"


@dataclass(frozen=True, slots=True)
class Key:
    """`prompt` is the text that tells of this key, empty for those that are not told of."""

    key: str
    action: Action
    next: State
    prompt: str = ""


MENU: dict[State, tuple[Key, ...]] = {
    State.MAIN: (
        Key("1", Action.FIRST, State.MESSAGE, "voicemail_menu_messages"),
        Key("2", Action.NOTHING, State.GREETING, "voicemail_menu_greeting"),
        Key("3", Action.CHANGE_PIN, State.MAIN, "voicemail_menu_pin"),
        Key("*", Action.HELP, State.MAIN),
        Key("#", Action.END, State.MAIN),
    ),
    State.HOUSE: (
        Key("1", Action.FIRST, State.MESSAGE, "voicemail_menu_messages"),
        Key("*", Action.HELP, State.HOUSE),
        Key("#", Action.END, State.HOUSE),
    ),
    State.MESSAGE: (
        Key("5", Action.AGAIN, State.MESSAGE, "voicemail_menu_again"),
        Key("6", Action.NEXT, State.MESSAGE, "voicemail_menu_next"),
        Key("4", Action.PREVIOUS, State.MESSAGE),
        Key("7", Action.DELETE, State.MESSAGE, "voicemail_menu_delete"),
        Key("8", Action.CALL_BACK, State.MESSAGE, "voicemail_menu_call_back"),
        Key("9", Action.KEEP_NEW, State.MESSAGE, "voicemail_menu_save"),
        Key("*", Action.HELP, State.MESSAGE),
        Key("#", Action.NOTHING, State.MAIN, "voicemail_menu_back"),
    ),
    State.GREETING: (
        Key("1", Action.HEAR_GREETING, State.GREETING, "voicemail_greeting_hear"),
        Key("2", Action.RECORD_GREETING, State.GREETING, "voicemail_greeting_record"),
        Key("3", Action.STANDARD_GREETING, State.GREETING, "voicemail_greeting_standard"),
        Key("*", Action.HELP, State.GREETING),
        Key("#", Action.NOTHING, State.MAIN, "voicemail_menu_back"),
    ),
}
_TABLE = {(state, key.key): (key.action, key.next) for state, keys in MENU.items() for key in keys}


def decide(state: State, key: str, *, main: State = State.MAIN) -> tuple[Action, State]:
    """What this key does, and where that leads; `main` is where somebody came from, MAIN or HOUSE."""
    action, after = _TABLE.get((state, key), (Action.REFUSE, state))
    return action, main if after is State.MAIN else after


def told(state: State) -> tuple[tuple[str, str], ...]:
    """The prompt and the key of all that is told of, in order."""
    return tuple((key.prompt, key.key) for key in MENU[state] if key.prompt)
