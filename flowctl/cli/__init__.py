"""The command line: arguments in, calls down, text out. No logic, no SQL.

`main` knows each command by a line of text and imports its module when it is called, because the
start of a command is mostly imports.
"""
