"""The rows of the table of options, a file for each group of sections.

Facts that name Airflow (names, units, defaults, older spellings) are those of Airflow 2.10.5 and
were asked of it on 2026-11-21. Differences on purpose are said in the row.
"""
