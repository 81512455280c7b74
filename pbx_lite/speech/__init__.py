"""What the PBX says: texts, numbers, dates and names in each language, and the sounds they become.

May import calls and everything below; features speak with it.  Knows no room, mailbox or door.
"""
