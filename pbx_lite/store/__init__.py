"""The only room with SQL: one SQLite file, numbered schema steps, plain records in and out.

Imports only `errors` and `tasks`.
"""
