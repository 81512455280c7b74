"""Dialogs of Home Assistant's settings: options, and what is added below the entry: doors, rooms, phones, lines."""
