"""What a deferred task may wait for: a moment, a file, tasks and runs of other DAGs."""
