"""Why somebody is refused, as programs know it: which sentence it is, and what stands in its places.

The sentence is written where it is raised, for logs and for whoever reads English; here it is recognised, so that
clients can say it in their reader's language.  Sentences for programmers alone have no reason.
"""

import re
from functools import cache

SENTENCES = {
    "no_user": "There is no user named {name}.",
    "no_door": "There is no door named {name}.",
    "no_room": "There is no room named {name}.",
    "no_team": "There is no team named {name}.",
    "no_role": "There is no role named {name}.",
    "no_device": "There is no device named {name}.",
    "no_profile": "There is no profile named {name}.",
    "no_trunk": "There is no trunk named {name}.",
    "no_workplace": "There is no workplace named {name}.",
    "no_call": "There is no such call.",
    "not_your_call": "The other call is not yours.",
    "session_exists": "This session exists already.",
    "admin_for": "Only an administrator may do this for {name}.",
    "admin_only": "Only an administrator may do this.",
    "admin_log_out": "Only an administrator may log out somebody else.",
    "too_many_commands": "Too many commands are under way; wait for their results.",
    "failed": "The PBX failed at this; its log says more.",
    "recording_too_long": "This recording is too long to be sent; copy it from the PBX's data folder.",
    "book_too_large": "This phonebook is too large to be sent.",
    "no_private_book": "book: only a user of the PBX has a private phonebook.",
    "book_forbidden": "You may not change the company's phonebook; put it into your own.",
    "no_contact": "There is no such contact.",
    "file_too_large": "data: a file has up to {size} MB",
    "sound_too_large": "data: a sound has up to {size} MB",
    "own_messages": "These messages are for {name} alone.",
    "caller_gone": "The caller is gone.",
    "call_over": "This call is over.",
    "the_call_over": "The call is over.",
    "rings_no_more": "This call does not ring any more.",
    "page_closed": "The page is closed.",
    "browser_unknown": "This browser has not said that it is there.",
    "too_many_calls": "There are too many calls in this browser.",
    "too_many_browsers": "Too many of your browsers are open; close some.",
    "transfer_one": "Only one party of a call between two can be transferred.",
    "conference_two": "A conference is made of two calls of one person, both answered.",
    "conference_calls": "A conference is made of two calls.",
    "not_dialled": "number: {number} cannot be dialled",
    "keys_unsent": "The call ended before all keys were sent.",
    "join_two": "Only two calls between two parties each can be joined.",
    "from_file": "{name} comes from the configuration file; change it there.",
    "user_exists": "There is a user named {name} already.",
    "door_exists": "There is a door named {name} already.",
    "room_exists": "There is a room named {name} already.",
    "team_exists": "There is a team named {name} already.",
    "address_taken": "{address} is the address of {name} already.",
    "device_exists": "{user} has a device named {name} already.",
    "not_linked": "This Home Assistant user is not linked.",
    "link_first": (
        "This Home Assistant user is not linked to a PBX user; an administrator links it in the integration's options."
    ),
    "role_stays": "The role {name} is there as long as the configuration file has no roles.",
    "number_taken": "{number} is used by {name} already.",
    "linked_to_another": "{name} is linked to another Home Assistant user; unlink that one first.",
    "may_not_talk": "{user} may not talk to {name}.",
    "may_not_open_role": "{user} may not open {name}: no role of theirs allows it.",
    "may_not_see_role": "{user} may not see door {name}: no role of theirs allows it.",
    "may_not_open": "{user} may not open {name}.",
    "may_not_see": "{user} may not see {name}.",
    "may_not_use": "{user} may not use {name}.",
    "changed_meanwhile": "{name} was changed by somebody else meanwhile.",
    "announcements_full": "Too many announcements are under way; wait until one is over.",
    "not_to_disturb": "{name} does not want to be disturbed.",
    "in_call": "{name} is in a call.",
    "no_phone_registered": "No phone of {name} is registered.",
    "not_registered": "{device} of {name} is not registered.",
    "cannot_answer": "The phone of {name} cannot be told to answer; answer at the phone itself.",
    "nobody_hears": "There is nobody in this call who could hear the keys.",
    "only_both": "Only somebody who is in both calls can join them.",
    "not_in_call": "{name} is not in this call.",
    "not_answered": "This call is not answered.",
    "say_for_whom": "user: say for whom",
    "room_watched": "{count} browsers are in {name} already.",
    "session_closed": "The session was closed before it began.",
    "being_recorded": "This is being recorded now.",
    "no_recording": "There is no such recording.",
    "not_in_room": "This participant is not in {name}.",
    "muted": "You were muted by somebody else.",
    "too_much_heard": "Too much is to be heard in this room already; wait until it is over.",
    "room_full": "{name} is full.",
    "too_many_invited": "Too many people are being called already.",
    "nobody_in": "Nobody is in {name}.",
    "not_reached": "{number} cannot be reached: {reason}.",
    "station_silent": "The station did not answer the call.",
    "speaks_with_door": "{name} is speaking with the door.",
    "answered_already": "{name} answered already.",
    "door_not_registered": "{name} is not registered: check its SIP account and its network cable.",
    "picture_in_call": "{name} gives pictures only in a call, and nobody has rung yet.",
    "door_not_in_call": "{name} is not in a call.",
    "door_watched": "{count} viewers look at {name} already.",
    "no_opening": "No way to open {name} is set: add `open` to it.",
    "no_picture_now": "{name} gives no picture just now.",
    "door_timeout": "{host} did not answer within {seconds} seconds: is the station on, is the address right?",
    "nobody_logged_in": "Nobody is logged in at {name}.",
    "profiles_full": "There can be {count} profiles and no more.",
    "nobody_contact": "A contact needs a name, a company, a number or an address.",
    "no_number": "numbers: {number} is no number",
    "book_full": "This phonebook is full: it holds {count} contacts.",
    "contact_changed": "Somebody else has changed this contact; look at it again.",
    "no_account": "{name} has no account for a phone.",
    "addresses_full": "Too many addresses wait for their phones; try again when one has expired.",
    "channels_busy": "All {count} channels of {name} are in use.",
    "sound_larger": "The sound is larger than {size} MiB.",
    "sound_silent": "There is nothing to be heard in this sound.",
    "mailbox_gone": "The mailbox is gone.",
    "no_message": "There is no such message.",
    "no_sound_file": "This is no sound file that can be played.",
    "no_sound_in_file": "There is no sound in this file.",
    "sound_too_long": "This sound lasts longer than {seconds} seconds.",
    "media_gone": "This sound or picture is gone.",
    "arrivals_twice": "arrivals: a number is there twice",
    "arrivals_who": "arrivals: say who rings, or whose mailbox takes the call",
    "arrivals_alone": "arrivals: a room or a door takes calls alone",
    "no_picture_yet": "There is no picture yet",
    "picture_broken": "The door's picture cannot be decoded",
    "disk_full": "The disk that holds {folder} is full; free some space.",
    "extension_digits": "an extension has 1 to 15 digits",
    "pin_1_12": "a PIN has 1 to 12 digits",
    "pin_4_12": "a PIN has 4 to 12 digits",
    "pin_4_10": "a PIN has 4 to 10 digits",
    "not_empty": "this must not be empty",
    "too_long": "this is too long",
    "one_line": "line breaks and control characters are not allowed",
    "name_letters": "a name has letters, digits, dots, dashes and underscores only",
    "telephone_number": "this must be a telephone number such as +49891234",
    "pins_differ": "this must differ from pin, which does not make a leader",
    "not_recorded": "Nothing can be recorded: {error}.",
    "nobody_to_remove": "There is nobody to remove.",
    "nobody_spoken_to": "Nobody of {name} can be spoken to now.",
    "message_untaken": "No phone of {name} takes the message now.",
    "connect_first": "There is no sound yet: connect first.",
    "model_unknown": "There is no door station model '{model}'; known are {models}.",
    "refused_by_station": "{host} took the request and refused it: {words}",
    "no_member": "{user} is no member of {name}.",
    "phone_unregistered": "This phone is not registered.",
    "phone_unstarted": "This phone cannot be told to start anew: it answered {status}.",
    "call_here": "You have this call here already.",
}
"""By reason.  Where two fit, the first counts."""
_PLACE = re.compile(r"\\{(\w+)\\}")


def reason_of(message: str) -> tuple[str, dict[str, str]] | None:
    """The reason of a sentence and its values; None for one that is not in the table."""
    constant, patterns = _known()
    if (reason := constant.get(message)) is not None:
        return reason, {}
    for known, pattern in patterns:
        if (found := pattern.fullmatch(message)) is not None:
            return known, found.groupdict()
    return None


@cache
def _known() -> tuple[dict[str, str], list[tuple[str, re.Pattern[str]]]]:
    constant = {sentence: reason for reason, sentence in SENTENCES.items() if "{" not in sentence}
    patterns = [
        (reason, re.compile(_PLACE.sub(r"(?P<\1>.+?)", re.escape(sentence)), re.DOTALL))
        for reason, sentence in SENTENCES.items()
        if "{" in sentence
    ]
    return constant, patterns
