"""DAGs with setups and teardowns, as text: real Airflow and flowctl execute the same lines.

`E(...)` is an EmptyOperator of that task id; `task`, `setup`, `teardown`, `task_group`,
`TaskGroup` and `context_wrapper` are those of the one or the other.
"""

SHAPES = {
    "plain": """
s, w, t = E("s").as_setup(), E("w"), E("t")
s >> w >> t.as_teardown(setups=s)
""",
    "two_work": """
s, a, b, t = E("s").as_setup(), E("a"), E("b"), E("t").as_teardown()
s >> a >> b >> t
s >> t
""",
    "no_teardown": """
s = E("s").as_setup()
s >> E("a") >> E("b") >> E("c", trigger_rule="all_done")
""",
    "work_after": """
s, t = E("s"), E("t")
a, b, z = E("a"), E("b"), E("z")
s >> [a, b] >> t.as_teardown(setups=s) >> z
b >> z
""",
    "flagged": """
s, w = E("s"), E("w")
t = E("t").as_teardown(setups=s, on_failure_fail_dagrun=True)
s >> w >> t
""",
    "two_setups": """
s1, s2, a, b, t = E("s1"), E("s2"), E("a"), E("b"), E("t")
[s1, s2] >> a >> b >> t.as_teardown(setups=[s1, s2])
""",
    "crossing": """
s1, s2, t1, t2 = E("s1"), E("s2"), E("t1"), E("t2")
a, b, c = E("a"), E("b"), E("c")
s1 >> a >> b >> t1.as_teardown(setups=s1)
s2 >> b >> c >> t2.as_teardown(setups=s2)
""",
    "nested": """
s1, s2, t1, t2 = E("s1"), E("s2"), E("t1"), E("t2")
a, b, c = E("a"), E("b"), E("c")
s1 >> a >> s2 >> b >> t2.as_teardown(setups=s2) >> t1.as_teardown(setups=s1)
b >> c >> t1
""",
    "chain_of_teardowns": """
s1, s2, t1, t2, w = E("s1"), E("s2"), E("t1"), E("t2"), E("w")
s1 >> s2 >> w >> t2.as_teardown(setups=s2) >> t1.as_teardown(setups=s1)
""",
    "side_input": """
s, a, b, t = E("s"), E("a"), E("b", trigger_rule="one_success"), E("t")
other = E("other")
s >> a >> b >> t.as_teardown(setups=s)
other >> b
""",
    "rules_inside": """
s, t = E("s"), E("t")
a, b = E("a"), E("b", trigger_rule="all_done")
c, d = E("c", trigger_rule="one_failed"), E("d", trigger_rule="always")
s >> a >> [b, c, d] >> t.as_teardown(setups=s)
""",
    "only_teardowns": """
E("t1").as_teardown() >> E("t2").as_teardown()
""",
    "lone_teardown": """
E("w") >> E("t").as_teardown()
""",
    "flagged_in_the_middle": """
s, w, z = E("s"), E("w"), E("z")
t = E("t").as_teardown(setups=s, on_failure_fail_dagrun=True)
u = E("u").as_teardown()
s >> w >> t >> u
w >> z
""",
    "with_setup": """
with E("s").as_setup():
    E("a") >> E("b")
    E("c")
""",
    "with_teardown": """
with E("t").as_teardown(setups=E("s")):
    E("a") >> E("b")
    E("c")
""",
    "with_setup_and_partner": """
s, t = E("s"), E("t")
t.as_teardown(setups=s)
with s:
    E("a") >> E("b")
    E("c")
""",
    "with_arrow": """
s, t = E("s").as_setup(), E("t").as_teardown()
with s >> t:
    E("a") >> E("b")
""",
    "with_nested": """
with E("t1").as_teardown(setups=E("s1")):
    E("a")
    with E("t2").as_teardown(setups=E("s2")):
        E("b")
    E("c")
""",
    "with_nested_setups": """
with E("s1").as_setup():
    E("a")
    with E("s2").as_setup():
        E("b") >> E("c")
""",
    "with_mixed": """
s, t = E("s").as_setup(), E("t").as_teardown()
with s:
    with t:
        E("a")
        E("b")
""",
    "with_three": """
with E("t1").as_teardown(setups=E("s1")):
    with E("t2").as_teardown(setups=E("s2")):
        with E("t3").as_teardown(setups=[E("s3"), E("s4")]):
            E("a") >> E("b")
""",
    "with_twice": """
s, t = E("s").as_setup(), E("t").as_teardown()
s >> t
with s:
    E("a")
with s:
    E("b")
""",
    "with_list": """
s1, s2 = E("s1").as_setup(), E("s2").as_setup()
with context_wrapper([s1, s2]):
    E("a") >> E("b")
    E("c")
""",
    "with_list_of_teardowns": """
s = E("s")
t1, t2 = E("t1").as_teardown(setups=s), E("t2").as_teardown(setups=s)
with context_wrapper([t1, t2]):
    E("a") >> E("b")
""",
    "with_add_task": """
early = E("early")
with E("t").as_teardown(setups=E("s")) as scope:
    scope.add_task(early)
    E("late")
""",
    "with_setup_inside": """
with E("t").as_teardown(setups=E("s")):
    x = E("x").as_setup()
    x >> E("a")
""",
    "with_group": """
with E("t").as_teardown(setups=E("s")):
    with TaskGroup("g"):
        E("a") >> E("b")
    E("c")
""",
    "decorated": """
@setup
def up():
    return 1

@task
def work(value):
    return value

@teardown(on_failure_fail_dagrun=True)
def down():
    pass

up() >> work(1) >> down()
""",
    "decorated_bare": """
@setup
@task
def up():
    return 1

@teardown
@task(task_id="gone")
def down():
    pass

@task
def work():
    pass

d = down()
u = up()
u >> d
with d:
    work()
    work()
""",
    "decorated_as": """
@task
def up():
    return 1

@task
def down(value):
    pass

@task
def work(value):
    pass

value = up().as_setup()
end = down(value).as_teardown(setups=value, on_failure_fail_dagrun=True)
with end:
    work(value)
""",
    "decorated_override": """
@setup
def up():
    return 1

@teardown
def down():
    pass

up.override(task_id="u2")() >> down.override(task_id="d2")()
""",
    "group": """
with TaskGroup("g") as g:
    s, t = E("s"), E("t")
    s >> E("w") >> t.as_teardown(setups=s)
g >> E("z")
E("y") >> g
""",
    "group_two_leaves": """
with TaskGroup("g") as g:
    s, t = E("s"), E("t")
    s >> [E("a"), E("b")] >> t.as_teardown(setups=s)
g >> E("z")
""",
    "group_ends_in_two_teardowns": """
with TaskGroup("g") as g:
    s, t, u = E("s"), E("t"), E("u")
    s >> E("w") >> t.as_teardown(setups=s) >> u.as_teardown()
g >> E("z")
""",
    "group_work_goes_on": """
with TaskGroup("g") as g:
    s, t, a, b = E("s"), E("t"), E("a"), E("b")
    s >> a >> t.as_teardown(setups=s)
    a >> b
g >> E("z")
""",
    "group_of_setup_and_teardown": """
with TaskGroup("g") as g:
    s, t = E("s"), E("t")
    t.as_teardown(setups=s)
g >> E("z")
""",
    "groups_in_a_row": """
def make(name):
    with TaskGroup(name) as g:
        s, t = E("s"), E("t")
        s >> E("w") >> t.as_teardown(setups=s)
    return g
make("g1") >> make("g2")
""",
    "group_of_setups": """
with TaskGroup("setups") as ups:
    s1, s2 = E("s1").as_setup(), E("s2").as_setup()
with TaskGroup("teardowns") as downs:
    t1, t2 = E("t1").as_teardown(setups=s1), E("t2").as_teardown(setups=s2)
w = E("w")
ups >> w >> downs
""",
    "setup_rule": """
s = E("s", trigger_rule="all_done").as_setup()
E("x") >> s >> E("w")
""",
    "wrong_rule_after_setup": """
E("s").as_setup() >> E("w", trigger_rule="all_done")
""",
    "both": """
E("x").as_setup().as_teardown()
""",
    "both_other_way": """
E("x").as_teardown().as_setup()
""",
    "flag_without_teardown": """
E("x").on_failure_fail_dagrun = True
""",
    "with_work": """
with E("x"):
    E("y")
""",
    "with_both_kinds": """
with context_wrapper([E("s").as_setup(), E("t").as_teardown()]):
    E("y")
""",
    "teardown_with_rule": """
@teardown
@task(trigger_rule="all_done")
def down():
    pass
down()
""",
    "setup_of_group": """
@setup
@task_group
def g():
    E("a")
g()
""",
    "teardown_of_group": """
@teardown
@task_group
def g():
    E("a")
g()
""",
    "add_task_outside": """
from airflow.utils.setup_teardown import SetupTeardownContext
SetupTeardownContext.add_task(E("x"))
""",
    "teardown_by_rule": """
s = E("s").as_setup()
s >> E("w") >> E("x", trigger_rule="all_done_setup_success")
s >> E("y")
""",
    "teardown_rule_changed_later": """
s, t = E("s").as_setup(), E("t").as_teardown()
t.trigger_rule = "all_done"
s >> E("w") >> t
s >> t
""",
}
