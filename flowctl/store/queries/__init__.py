"""Read models for people: what the command line shows and the web API answers.

Each function is one or two statements, whatever the number of rows, and returns plain rows whose
columns are named as in `store.schema`. The scheduler does not read here, but in `store.snapshot`.
"""
