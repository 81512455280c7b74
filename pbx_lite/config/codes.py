"""The features that are reached by dialling a code, and what is dialled for each unless `calling.codes` says otherwise.

A code that stands in `WITH_DIGITS` is followed by an extension or a number, without anything in between.
"""

DEFAULT_CODES = {
    "pickup": "*8",
    "echo": "*100",
    "redial": "*70",
    "follow_me": "*80",
    "own_number": "*101",
    "do_not_disturb": "*78",
    "do_not_disturb_off": "*79",
    "call_waiting": "*43",
    "call_waiting_off": "*44",
    "forward_always": "*21",
    "forward_always_off": "*22",
    "forward_busy": "*67",
    "forward_busy_off": "*68",
    "forward_no_answer": "*61",
    "forward_no_answer_off": "*62",
    "log_in": "*90",
    "log_out": "*91",
}
"""Feature to code, all of them beginning with a star, which no extension does."""

WITH_DIGITS = frozenset({"pickup", "follow_me", "forward_always", "forward_busy", "forward_no_answer", "log_in"})
