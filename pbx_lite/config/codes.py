"""The features that are reached by dialling a code, and what is dialled for each unless `calling.codes` says otherwise.

Where the pascom manual names a code it is that one: `*8`, `*44`, `*70`, `*71`, `*74`, `*80`, `*100`.
"""

DEFAULT_CODES = {
    "pickup": "*8",
    "pickup_group": "*8",
    "call_waiting": "*42",
    "call_waiting_off": "*43",
    "log_in": "*44",
    "log_out": "*44",
    "follow_me": "*45",
    "own_number": "*65",
    "redial": "*66",
    "forward": "*70",
    "forward_off": "*71",
    "forward_to": "*74",
    "forward_busy": "*75",
    "forward_no_answer": "*76",
    "do_not_disturb": "*78",
    "do_not_disturb_off": "*79",
    "echo": "*80",
    "voicemail": "*100",
}
"""Feature to code."""

FOLLOWED = frozenset(
    {
        *("pickup", "log_in", "follow_me", "voicemail"),
        *("forward", "forward_off", "forward_to", "forward_busy", "forward_no_answer"),
    }
)
"""Those that may be followed at once by an extension or a number."""

ALONE = frozenset(DEFAULT_CODES.keys() - {"pickup", "log_in", "forward_to"})
"""Those that may be dialled with nothing behind; a code that means two things is alone once and followed once."""
