const en = {
  create: "Backfill …",
  title: (dag: string) => `Backfill ${dag}`,
  none: "No backfill yet",
  noneHint:
    "A backfill runs the DAG for dates of its schedule that have passed: days before it was active, or days that must run again.",
  noSchedule: "This DAG has no schedule, so there are no dates to run. Trigger it instead.",
  list: "Backfills",
  named: (id: number) => `Backfill ${id}`,
  span: (from: string, to: string) => `${from} to ${to}`,
  by: (who: string, when: string) => `made by ${who} at ${when}`,
  outcomes: { success: "done", failed: "failed", cancelled: "cancelled" },
  open: "under way",
  paused: "paused",
  from: "First date (UTC)",
  to: "Last date (UTC)",
  toHint: "Included, if the schedule has it.",
  reprocess: "Dates that have a run",
  reprocesses: {
    none: "stay as they are",
    failed: "run again if they failed",
    completed: "run again, failed or not",
  } as Record<string, string>,
  most: "Runs at once",
  backwards: "Latest date first",
  oldVersion: "Runs that run again keep their version of the DAG",
  conf: "Conf, as JSON",
  notObject: "This is no JSON object.",
  options: "Options",
  go: (runs: number) => (runs === 1 ? "Run one date" : `Run ${runs} dates`),
  looking: "Looking at the dates …",
  noDates: "The schedule has no date between these two.",
  counts: (fresh: number, again: number, left: number) =>
    [
      fresh === 1 ? "1 date gets a run" : `${fresh} dates get a run`,
      again > 0 ? `${again} run again` : "",
      left > 0 ? (left === 1 ? "1 stays as it is" : `${left} stay as they are`) : "",
    ]
      .filter(Boolean)
      .join(", "),
  dates: "Dates",
  willRun: "gets a run",
  willRunAgain: "runs again",
  willStay: "stays",
  andMore: (count: number) => `and ${count} more`,
  made: (id: number, dates: number) => `Backfill ${id} has begun, with ${dates} dates.`,
  pause: "Pause",
  resume: "Go on",
  cancel: "Cancel",
  pausedNow: (id: number) => `Backfill ${id} is paused: what runs goes on, nothing new begins.`,
  goesOn: (id: number) => `Backfill ${id} goes on.`,
  cancelTitle: (id: number) => `Cancel backfill ${id}?`,
  cancelLeaves: (dates: number) => {
    if (dates === 0) return "Each date has its run already.";
    return dates === 1 ? "One date gets no run." : `${dates} dates get no run.`;
  },
  cancelRuns: (runs: number) =>
    runs === 1
      ? "One run that was made goes on to its end."
      : `${runs} runs that were made go on to their end.`,
  cancelled: (id: number, dates: number) =>
    `Backfill ${id} is cancelled: ${dates} dates got no run.`,
  doCancel: "Cancel the backfill",
  keep: "Leave it",
  toCome: "to come",
  leftOut: "left out",
  bar: (id: number) => `How far backfill ${id} is`,
  showDates: "Show each date",
  hideDates: "Hide the dates",
  dateIs: (date: string, state: string) => `${date}: ${state}`,
  noRun: (reason: string) => `no run: ${reason}`,
  reasons: { "already exists": "there was one", "in flight": "one was under way" } as Record<
    string,
    string
  >,
};

const ko: typeof en = {
  create: "백필 …",
  title: (dag) => `${dag} 백필`,
  none: "아직 백필이 없습니다",
  noneHint:
    "백필은 일정상 지난 날짜에 대해 DAG를 실행합니다. 활성화하기 전의 날짜나 다시 실행해야 하는 날짜에 쓰세요.",
  noSchedule: "이 DAG에는 일정이 없어 채울 날짜가 없습니다. 대신 직접 실행하세요.",
  list: "백필",
  named: (id) => `백필 ${id}`,
  span: (from, to) => `${from} ~ ${to}`,
  by: (who, when) => `${who}, ${when}에 만듦`,
  outcomes: { success: "완료", failed: "실패", cancelled: "취소됨" },
  open: "진행 중",
  paused: "일시 중지됨",
  from: "첫 날짜(UTC)",
  to: "마지막 날짜(UTC)",
  toHint: "일정에 있으면 포함됩니다.",
  reprocess: "이미 실행이 있는 날짜",
  reprocesses: {
    none: "그대로 둠",
    failed: "실패했으면 다시 실행",
    completed: "끝났으면 모두 다시 실행",
  },
  most: "동시 실행 수",
  backwards: "최근 날짜부터",
  oldVersion: "다시 실행하는 것은 원래 DAG 버전을 유지",
  conf: "설정(JSON)",
  notObject: "JSON 객체가 아닙니다.",
  options: "옵션",
  go: (runs) => `날짜 ${runs}개 실행`,
  looking: "날짜를 확인하는 중 …",
  noDates: "두 날짜 사이에 일정이 없습니다.",
  counts: (fresh, again, left) =>
    [
      `새로 실행 ${fresh}개`,
      again > 0 ? `다시 실행 ${again}개` : "",
      left > 0 ? `그대로 ${left}개` : "",
    ]
      .filter(Boolean)
      .join(", "),
  dates: "날짜",
  willRun: "실행됨",
  willRunAgain: "다시 실행됨",
  willStay: "그대로 둠",
  andMore: (count) => `외 ${count}개`,
  made: (id, dates) => `백필 ${id}을(를) 시작했습니다. 날짜 ${dates}개입니다.`,
  pause: "일시 중지",
  resume: "계속",
  cancel: "취소",
  pausedNow: (id) => `백필 ${id}을(를) 일시 중지했습니다. 진행 중인 실행은 계속됩니다.`,
  goesOn: (id) => `백필 ${id}을(를) 계속합니다.`,
  cancelTitle: (id) => `백필 ${id}을(를) 취소할까요?`,
  cancelLeaves: (dates) =>
    dates === 0 ? "모든 날짜의 실행을 이미 만들었습니다." : `날짜 ${dates}개는 실행되지 않습니다.`,
  cancelRuns: (runs) => `이미 만든 실행 ${runs}개는 끝까지 계속됩니다.`,
  cancelled: (id, dates) => `백필 ${id}을(를) 취소했습니다. 날짜 ${dates}개는 실행되지 않았습니다.`,
  doCancel: "백필 취소",
  keep: "그대로 두기",
  toCome: "예정",
  leftOut: "제외",
  bar: (id) => `백필 ${id} 진행 상황`,
  showDates: "날짜별로 보기",
  hideDates: "날짜 숨기기",
  dateIs: (date, state) => `${date}: ${state}`,
  noRun: (reason) => `실행 없음: ${reason}`,
  reasons: { "already exists": "이미 있었음", "in flight": "진행 중인 실행이 있었음" },
};

export const words = { en, ko };
