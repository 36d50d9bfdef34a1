"""The loop that makes runs, starts tasks and ends runs; one leader at a time.

    look (`memory`) -> decide (`core.tick`) -> commit (`store`) -> start (`executors`) -> wait

What is looked at are also the outcomes that the runner hands over: the commit writes them with the
plan that follows from them, or neither, and then they are the runner's again.

`leadership` says who leads: a lease with a term that every write names. `memory` keeps the world
true from the runner's facts and from revisions. `rescue` compares what the metastore says with what
the executor knows, whenever they were apart. `callbacks` runs what dead processes left undone.

A crash at any point: the plan was committed or it was not. If it was, QUEUED rows without a process
are ordered again under the same try number, and the claim of the attempt makes that harmless.
"""
