"""Which tests show that flowctl survives what such systems are known to fail by?

R1 to R20 are faults that are done to it, F1 to F24 what was seen to go wrong elsewhere. Each has
the tests that would fail, as `file::function`. `python -m tests.faults.evidence` prints those that
lie outside of the folders which `make faults` runs anyway.
"""

import sys

FOLDERS = ("tests/simulation", "tests/faults")

_KILLS = "tests/faults/test_kills.py::test_"
_WEB = "tests/web/test_process.py::test_"
_SIMULATED = "tests/simulation/test_simulation.py::test_no_history_breaks_the_promise"
_TORTURE = "tests/faults/test_torture.py::test_random_kills_break_no_promise"
_HOMES = "tests/faults/test_two_homes.py::test_"
_HOSTILE = "tests/parsing/test_hostile.py::test_"
_STRANGERS = "tests/faults/test_strangers.py::test_"
_REFUSALS = "tests/faults/test_refusals.py::test_"
_OUTAGE = (
    "tests/faults/test_database.py::test_an_outage_of_postgresql_loses_nothing_and_ends_nobody"
)
_SOAK = "tests/faults/test_soak.py::test_attempts_and_parses_make_nothing_grow"
_CHANGES = (
    "tests/faults/test_cron.py::test_strikes_around_changes_of_the_clocks_are_those_of_a_walk"
)
_CALLBACK = "a_killed_attempt_is_retried_once_and_its_callback_runs_once"
_MIGRATION = "tests/store/test_database.py::test_killed_at_any_moment_the_next_migration_finishes"
_JUMPS = "tests/core/test_clock_jumps.py::test_"
_OVERLAP = "tests/core/test_overlap.py::test_"

ROWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "R1": (
        "the scheduler is killed",
        (_TORTURE, _KILLS + "a_task_outlives_its_scheduler_with_its_pid_and_its_first_try"),
    ),
    "R2": (
        "all processes are killed, with and without tasks",
        (
            _KILLS + "a_task_that_ends_while_all_of_flowctl_is_gone_is_recorded_afterwards",
            _KILLS + "after_everything_was_killed_each_task_is_retried_once",
        ),
    ),
    "R3": (
        "a task, a supervisor or a zygote is killed",
        (
            _KILLS + _CALLBACK,
            _KILLS + "killing_a_helper_disturbs_no_running_task",
            _KILLS + "killing_a_helper_under_load_loses_nothing",
        ),
    ),
    "R4": (
        "death at every statement",
        ("tests/faults/test_statements.py::test_death_at_any_step_changes_no_outcome",),
    ),
    "R5": (
        "the database is away, or refuses",
        (
            _OUTAGE,
            "tests/faults/test_database.py"
            "::test_what_died_during_an_outage_is_replaced_and_nothing_is_lost",
            _REFUSALS + "deadlocks_and_failed_serializations_are_survived_wherever_they_come",
            _REFUSALS + "connections_that_are_cut_at_any_moment_lose_nothing",
            _REFUSALS + "a_commit_whose_answer_is_lost_is_not_done_twice",
            _REFUSALS + "too_many_connections_are_waited_out",
        ),
    ),
    "R6": (
        "two and three schedulers",
        (
            _HOMES + "leaders_that_are_killed_in_turn_start_nothing_twice",
            _HOMES + "three_homes_take_over_from_one_another",
            _HOMES + "a_suspended_leader_wakes_up_deposed_and_moves_nothing",
            _HOMES + "a_pool_is_one_pool_for_all_homes",
        ),
    ),
    "R7": (
        "the web server is killed, or held up",
        (
            _WEB + "a_killed_worker_is_replaced_and_a_killed_master_leaves_nothing",
            _WEB + "clients_that_do_not_hang_up_delay_nobody",
        ),
    ),
    "R8": (
        "the disk is full",
        (
            "tests/faults/test_disk.py"
            "::test_a_full_home_loses_no_outcome_and_goes_on_when_there_is_room",
            "tests/faults/test_disk.py::test_a_full_metastore_loses_nothing_and_is_not_corrupted",
            "tests/faults/test_disk.py"
            "::test_everything_on_one_full_disk_goes_on_when_there_is_room",
        ),
    ),
    "R9": (
        "memory runs out",
        (
            "tests/runner/test_memory.py::test_what_takes_more_than_it_may_fails",
            "tests/core/test_headroom.py::test_eight_of_two_gib_run_in_turn_on_four",
            _HOSTILE + "a_file_that_eats_memory_is_stopped",
        ),
    ),
    "R10": (
        "the clock jumps",
        (
            _JUMPS + "with_catchup_every_interval_up_to_the_latest_moment_has_one_run",
            _JUMPS + "without_catchup_no_interval_is_run_twice_and_the_latest_is_run",
            "tests/faults/test_clock.py"
            "::test_a_dead_leader_whose_lease_ends_in_an_hour_is_replaced_at_once",
        ),
    ),
    "R11": (
        "cron in all time zones",
        (_CHANGES, "tests/faults/test_cron.py::test_strikes_of_whole_years_are_those_of_a_walk"),
    ),
    "R12": (
        "catching up after a downtime",
        (
            _OVERLAP + "the_runs_are_those_that_a_naive_reckoning_makes",
            _OVERLAP + "after_a_downtime_only_the_newest_run_is_made",
            _OVERLAP + "only_runs_within_the_catchup_window_are_made",
        ),
    ),
    "R13": (
        "months, and thousands of attempts",
        (_SOAK, "tests/scheduler/test_growth.py::test_after_the_days_that_are_kept_nothing_grows"),
    ),
    "R14": ("simulated histories in which everything goes wrong", (_SIMULATED,)),
    "R15": (
        "hostile DAG files",
        (
            _HOSTILE + "what_went_wrong_is_said",
            _HOSTILE + "files_that_hang_do_not_delay_the_others",
        ),
    ),
    "R16": ("migrations are killed", (_MIGRATION,)),
    "R17": ("the API is fuzzed", ("tests/web/test_fuzz.py",)),
    "R18": (
        "a pid is used again",
        (
            _STRANGERS + "a_stranger_with_the_pid_of_an_attempt_is_not_signalled",
            _STRANGERS + "an_attempt_whose_pid_went_to_a_stranger_is_gone",
        ),
    ),
    "R19": (
        "stop and upgrade under running tasks",
        (
            _KILLS + "a_stopped_scheduler_ends_at_once_and_leaves_its_tasks_running",
            _KILLS + "a_runner_that_yields_leaves_its_tasks_to_the_next",
            "tests/faults/test_upgrade.py::test_a_new_version_takes_over_what_the_old_one_began",
        ),
    ),
    "R20": (
        "the power is cut",
        ("tests/faults/test_power.py::test_what_is_on_disk_at_any_instant_opens_and_is_true",),
    ),
    "F1": ("tasks are stuck in a queue", (_SIMULATED, _TORTURE)),
    "F2": ("a running task is taken for dead, or run twice", (_SIMULATED, _TORTURE)),
    "F3": ("a dead task is not retried", (_KILLS + _CALLBACK,)),
    "F4": (
        "a task runs again after its success",
        (_SIMULATED, _KILLS + "an_order_that_was_stuck_in_a_zygote_does_not_run_a_task_again"),
    ),
    "F5": (
        "a deadlock ends the scheduler",
        (
            _REFUSALS + "deadlocks_and_failed_serializations_are_survived_wherever_they_come",
            _REFUSALS + "every_kind_of_statement_may_be_refused_once",
        ),
    ),
    "F6": ("the scheduler does not come back after the database", (_OUTAGE,)),
    "F7": (
        "database is locked",
        ("tests/faults/test_database.py::test_eight_writers_never_lock_sqlite",),
    ),
    "F8": (
        "a heartbeat, and no progress",
        ("tests/web/test_health.py::test_the_last_tick_counts",),
    ),
    "F9": ("the scheduler's memory grows", (_SOAK,)),
    "F10": (
        "dead web workers are not replaced",
        (_WEB + "a_killed_worker_is_replaced_and_a_killed_master_leaves_nothing",),
    ),
    "F11": (
        "leftovers keep the port",
        (
            _WEB + "a_killed_worker_is_replaced_and_a_killed_master_leaves_nothing",
            "tests/cli/test_processes.py::test_children_do_not_outlive_a_killed_standalone",
        ),
    ),
    "F12": (
        "a DAG file hangs or crashes, and nobody says so",
        (
            _HOSTILE + "what_went_wrong_is_said",
            _HOSTILE + "a_file_that_blocks_in_c_is_killed_from_outside",
        ),
    ),
    "F13": ("the callback of a killed task is lost", (_KILLS + _CALLBACK,)),
    "F14": (
        "many mapped tasks freeze the scheduler",
        (
            "tests/core/test_mapping.py::test_a_long_list_becomes_instances_in_several_ticks"
            "_and_none_starts_before_the_last",
            "tests/store/test_large_runs.py"
            "::test_a_small_run_does_not_wait_for_a_large_one_to_be_made",
        ),
    ),
    "F15": ("half a migration", (_MIGRATION,)),
    "F16": ("runs are lost or doubled when clocks are changed", (_CHANGES,)),
    "F17": (
        "a storm of old runs",
        (
            _OVERLAP + "only_runs_within_the_catchup_window_are_made",
            _OVERLAP + "after_a_downtime_only_the_newest_run_is_made",
        ),
    ),
    "F18": (
        "a huge XCom",
        ("tests/runner/test_processes.py::test_a_result_of_five_megabytes_is_kept",),
    ),
    "F19": (
        "logs fill the disk",
        (
            "tests/runner/test_log_guard.py::test_a_real_task_that_says_too_much",
            "tests/runner/test_log_sweep.py::test_the_oldest_of_too_much_go_first",
            "tests/web/test_health.py::test_a_disk_that_is_nearly_full_is_said",
            "tests/core/test_disk_guard.py::test_on_a_nearly_full_disk_nothing_new_starts",
        ),
    ),
    "F20": (
        "pages of large DAGs are slow",
        ("tests/web/test_views.py::test_pages_of_a_grid_hold_so_many_cells_and_one_run_at_least",),
    ),
    "F21": (
        "a clock that jumps back",
        (_JUMPS + "with_catchup_every_interval_up_to_the_latest_moment_has_one_run",),
    ),
    "F22": (
        "runs go on for ever after their worker died",
        (_SIMULATED, _KILLS + "after_everything_was_killed_each_task_is_retried_once"),
    ),
    "F23": ("invalid names", (_HOSTILE + "an_invalid_id_is_an_import_error",)),
    "F24": (
        "a stranger with the pid of a task is killed",
        (_STRANGERS + "a_stranger_with_the_pid_of_an_attempt_is_not_signalled",),
    ),
}


def row_of(file: str, function: str) -> str | None:
    """Return the fault that a test does to flowctl, R1 to R20, or None."""
    names = (f"{file}::{function}", file)
    return next(
        (r for r, (_, tests) in ROWS.items() if r[0] == "R" and set(names) & {*tests}), None
    )


def outside() -> list[str]:
    """Return the tests of R1 to R20 that lie in other folders."""
    found = {test for r, (_, tests) in ROWS.items() if r[0] == "R" for test in tests}
    return sorted(test for test in found if not test.startswith(FOLDERS))


if __name__ == "__main__":
    sys.stdout.write(" ".join(outside()) + "\n")
