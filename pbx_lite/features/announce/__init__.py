"""Announcements: sound from an address, spoken to phones that answer by themselves."""
