"""Decisions over plain data: no input or output, no clock, no logging, no database.

`world` holds what is true, `tick.decide` says what should be true next, as a `plan`. Both the
scheduler and `explain` ask the same functions, so "why is it not running?" has one answer.

- `spec`: a DAG as it was parsed; `graph`: the same, made ready for deciding.
- `states`: who moves what on. `attempt`: the messages about one try of one task.
- A world is made of `run`, `dag`, `backfill`, and what it counts beside them: `tallies` of upstream
  tasks, `usage` of slots, the `census` of runs, the `lanes` of ready tasks.
- A tick works on a `draft`, phase by phase: `new_runs`, `run_moves`, `examination` (with its
  `agenda`, and the `judgement` of each task), `admission`.
- `trigger_rules`, `retries`, `past`, `slots`, `timetables`: one rule each, as tables of functions.

Invariants, checked by properties over random graphs and by simulation: every run ends; no limit is
exceeded; no try number is started twice; deciding again changes nothing until time or news does.
"""
