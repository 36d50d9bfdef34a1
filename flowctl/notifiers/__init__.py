"""Objects that tell somebody what became of a task or a run; they are used as callbacks."""
