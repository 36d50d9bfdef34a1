"""What a DAG file imports: DAG, operators' base, task groups, params, context, templates.

The user's types are mutable and forgiving, and know nothing of the metastore: what user code asks
for goes through `ports`, which whoever runs it has set. `parsing.convert` makes a
`core.spec.DagSpec` of a DAG once; nothing else of flowctl looks at these types outside the
processes of user code.

Features that belong to a later version are refused by `not_yet.refuse`, with their name.
"""
