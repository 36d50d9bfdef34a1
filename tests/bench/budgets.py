"""The budgets of the design, and the limit of the machine that each figure is compared with."""

from tests.bench.figures import Budget

BUDGETS = {
    "wide: tasks per second": Budget("at least", 400, 500),
    "chain: gap p50": Budget("at most", 6, 4),
    "bash: tasks per second": Budget("at least", 300, 450),
    "trigger: by the store, p50": Budget("at most", 25),
    "parse: new file usable, p50": Budget("at most", 1),
    "parse: 200 files usable": Budget("at most", 5),
    "idle, 0 DAGs: memory of all": Budget("at most", 200, 150),
    "idle, 0 DAGs: memory without web": Budget("at most", 100, 80),
    "idle, 0 DAGs: CPU of one core": Budget("at most", 0.5),
    "idle, 200 DAGs: CPU of one core": Budget("at most", 1),
    "waiting: memory of one attempt": Budget("at most", 12),
    "sensors: memory of all while 1,000 wait": Budget("at most", 200, 150),
    "sensors: CPU of one core while 1,000 wait": Budget("at most", 1),
    "mapped over a literal: time of 10 times as many": Budget("at most", 11),
    "mapped over a literal: CPU of the scheduler of 10 times as many": Budget("at most", 11),
    "mapped over a literal: longest decision": Budget("at most", 50),
    "mapped over a result: time of 10 times as many": Budget("at most", 11),
    "mapped over a result: CPU of the scheduler of 10 times as many": Budget("at most", 11),
    "mapped over a result: longest decision": Budget("at most", 50),
    "start: version": Budget("at most", 150),
    "start: dags list": Budget("at most", 400),
    "history: rate with / without": Budget("at least", 0.95),
    # Allocators need a while to settle; less than this is not told from their noise.
    "growth: scheduler, per 50,000 attempts": Budget("at most", 5),
    "growth: runner, per 50,000 attempts": Budget("at most", 5),
    "growth: zygotes, per 50,000 attempts": Budget("at most", 5),
    "web: 100 of 500 DAGs, API, p50": Budget("at most", 15),
    "web: 100 of 500 DAGs, API, p95": Budget("at most", 25),
    "web: 100 of 500 DAGs, page, p50": Budget("at most", 15),
    "web: grid of 500 tasks x 30 runs, p95": Budget("at most", 50),
    "web: grid of 5,000 tasks, 10 of 100 runs, p95": Budget("at most", 150),
    "web: end of a log of 200 MB, p95": Budget("at most", 100),
    "install: packages": Budget("at most", 35),
    "install: size": Budget("at most", 70),
}

LIMITS = {
    "wide: tasks per second": "limit: fork of 40 MB, 8 at a time",
    "many: tasks per second": "limit: fork of 40 MB, 8 at a time",
    "bash: tasks per second": "limit: xargs -P8 bash -c true",
    "chain: gap p50": "limit: make, gap of a chain",
    "chain: gap p95": "limit: make, gap of a chain",
    "trigger: by the command, p50": "limit: interpreter start",
    "start: version": "limit: interpreter start",
    "start: dags list": "limit: interpreter start",
}
