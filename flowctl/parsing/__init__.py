"""From DAG files to `core.spec.DagSpec`, without ever running them in a process that matters.

    watch, discovery   which files there are, and when it is worth while to look
    parser             what changed; owned by the scheduler's loop, which waits on its `fileno`
    pool               the parser's side of the zygote: starts children, learns how they ended
    zygote             a warm process with authoring imported; one fork for each changed file
    child              runs the file and leaves a report in a file in memory
    questions          variables and connections, asked by a file while it is parsed
    now                the same, once, for commands

What holds:

- Only a child runs user code. The scheduler learns specs and texts from it, both checked.
- A child has limits from within (time, memory) and from outside (time). Its end, whatever it is,
  becomes an import error that names the cause; the last good version of its DAGs keeps running.
- Nothing a child starts outlives it: its process group is killed, and the zygote, a subreaper,
  sweeps up what left the group. What it prints is kept within bounds.
- The report does not go through a pipe: a child cannot block on it, and who inherits it cannot keep
  it open. The code of a file that goes wrong does not write reports; one that means harm could, but
  it could as well define any DAG it likes.
- When the zygote dies, the files it worked on are done again one by one, so that the one that kills
  it is told from the others. When the scheduler dies, the zygote ends all children and itself.

The alternative that lost is a fresh interpreter for each file: 200 files would take 200 times the
import of authoring (0.1 s), a fork of the zygote takes 5 ms.
"""
