"""Voicemail: boxes of people and doors, callers and visitors who leave messages, and the menu that plays them.

Imports speech, calls, the directory, media and the store; knows no people feature, no doorbell and no JSON.
"""
