"""What a user can name, one file or folder each; no feature knows another.

Imports `calls` and everything below it.
"""
