"""Why is there no report? The sentence of an import error for a child that ended badly."""

import signal

from flowctl.parsing.messages import Ended, Job

OWN_FAILURE = 70  # of `flowctl.parsing.child`: it could not even write its report


def in_words(job: Job, ended: Ended) -> str:
    """Return what ended the child, and the last lines it printed."""
    cause = _cause(job, ended)
    return f"{cause}\n\nIts last output:\n{ended.output_tail}" if ended.output_tail else cause


def _cause(job: Job, ended: Ended) -> str:
    if ended.is_timeout:
        return (
            f"import took longer than {job.timeout_s:g} s and was killed"
            " (core.dag_file_processor_timeout)"
        )
    if ended.exit_code == OWN_FAILURE:
        return "the result of the import could not be handed over"
    if ended.exit_code >= 0:
        return f"exited with status {ended.exit_code} by calling os._exit"
    number = -ended.exit_code
    hint = "; the machine may have run out of memory" if number == signal.SIGKILL else ""
    return f"killed by signal {number} ({_name(number)}){hint}"


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"
