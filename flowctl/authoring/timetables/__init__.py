"""When runs of a DAG are due, as DAG files and their tests say and ask it.

`contract` is the interface, which users implement as well; `simple`, `cron` and `delta` are the
timetables that come with flowctl, each a `core.spec.ScheduleSpec` (`known`) that `core.timetables`
answers for: there is one implementation of the dates. `own` makes plain data of what a user's
timetable says of itself.

User code that knows dates runs where DAG files run, and nowhere else: `parsing` asks it.
"""
