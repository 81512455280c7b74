"""Phonebooks: the company's, which all read, and people's own; and the names that they give to callers.

Formats: vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), CSV (RFC 4180), and what a FRITZ!Box saves.
"""
