"""Strings and numbers only: nothing here knows of records, files or rules."""
