"""People at their phones: who rings where and when, what they set for themselves, and the codes they dial.

Imports calls, the directory and the store; knows no trunk and no JSON.
"""
