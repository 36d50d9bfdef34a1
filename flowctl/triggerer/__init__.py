"""One asyncio process for everything that waits without a process of its own.

    loop (`service`) -- look (`desk`, its sources) -- an asyncio task for each trigger (`running`)

A task that is deferred leaves a row (`store.deferrals`). A triggerer takes rows under its own name,
makes their triggers and runs them; what a trigger brings is written together with the move of its
task instance, guarded, so that it is written once whoever else ran the same trigger.

What happens when something is killed or stops:

- the triggerer: its rows are free as soon as its process is seen to be gone (on the same machine at
  once, elsewhere when its signs of life are old); another one runs every trigger again;
- the metastore: triggers run on; what they bring is kept and written when it is back;
- the task is cleared, ended or out of time: its row is not wanted, its trigger is cancelled;
- a trigger that fails or ends without an event: its task goes on, to fail with the reason;
- a trigger that blocks the loop: `watchdog`, a thread, names it, with the line where it hangs.

User code runs here, as in attempts. It gets its data through `authoring.ports` from the metastore.
Watchers of assets are another `work.Source`, `watched`, whose rows are in `store.watchers`.
"""
