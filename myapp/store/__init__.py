"""The database file: opening, schema, records, views, search, history.

Plain Python over one SQLite driver. No Flask, no HTML, and nothing else of ours is imported here.
"""
