"""Attempts: one try of one task, in a process of its own, that needs nobody to stay alive.

    runner (`supervise`) -- base zygote (`zygote`) -- zygote of a file version -- attempt

The runner is told orders by the scheduler's executor (`lines`) and starts them through zygotes
(`nursery`). An attempt claims its try with the kernel's help (`spool`), writes its log itself,
leaves a journal and ends. The runner sees the end, judges it (`verdicts`) and hands it to the
scheduler, who writes it with what follows from it; or commits it together with others (`recorder`)
and tells the scheduler what moved.

What happens when something is killed:

- an attempt: its zygote sees the signal; with no journal the attempt died, with one it is believed;
- a zygote: its attempts are inherited by the runner; orders it had not begun are placed anew, and
  the claim, and a seal in its place once the try is recorded, make sure that none begins twice;
- the runner: zygotes stay as parents of what they have and leave exit records; the next runner
  adopts every claim by (boot id, pid, a tick at which it lived);
- the scheduler: nothing; a runner that is alone for a minute with nothing to do ends;
- the machine: claims of another boot are of dead processes; their tries end as lost.
"""
