"""Who runs attempts: `contract` says what is expected, `choice` which there are.

An executor is told orders and tells facts. All of them obey the suite in `tests/executors/`.
"""
