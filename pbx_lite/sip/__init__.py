"""SIP: messages, digest, transactions, dialogs and the transports that carry them.

Knows nothing of a PBX or of RTP; imports only `errors`, `tasks` and `clock`.
RFC 3261, 3262, 3263, 3311, 3325, 3326, 3581, 6026, 6086, 8760.
"""
