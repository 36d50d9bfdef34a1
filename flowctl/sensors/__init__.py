"""Tasks that wait until something is so: a file is there, a moment has come, another DAG is done.

A sensor says in `poke` whether what it waits for is so; `base` decides when to look again, and when
it has waited long enough. It waits in one of three ways: in its process, with its slot (`poke`); or
it gives both back and is started again for the next look (`reschedule`, see `core.attempt` for what
a try is then); or, where there is a trigger for it, the triggerer looks for it (`deferrable`).
"""
