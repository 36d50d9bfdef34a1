const en = {
  title: "Dependencies",
  graph: "How DAGs follow each other",
  search: "Find a DAG or an asset",
  focus: "Show of what is chosen",
  focuses: {
    both: "What it hangs together with",
    upstream: "What comes before it",
    downstream: "What follows it",
    all: "Everything",
  },
  count: (dags: number) => (dags === 1 ? "1 DAG" : `${dags} DAGs`),
  kinds: {
    schedules: "schedules",
    updates: "updates",
    reads: "is read by",
    triggers: "triggers",
    waits_for: "is waited for by",
    clears: "clears",
  },
  nodes: { dag: "DAG", asset: "asset", name: "asset", alias: "alias" },
  missing: "not there",
  missingHint: "Other DAGs name this one, but no DAG file has it.",
  task: (task: string) => `by task ${task}`,
  open: "Open this DAG",
  close: "Close",
  noMatch: "Nothing has this name",
  empty: "No DAG follows another yet",
  emptyHint:
    "Let a DAG be scheduled by an asset that another updates, trigger it with a TriggerDagRunOperator, or wait for it with an ExternalTaskSensor: the link appears here.",
};

const ko: typeof en = {
  title: "의존 관계",
  graph: "DAG 사이의 순서",
  search: "DAG 또는 에셋 찾기",
  focus: "선택한 항목에서 볼 것",
  focuses: { both: "연결된 전체", upstream: "앞선 것", downstream: "뒤따르는 것", all: "전체" },
  count: (dags) => `DAG ${dags}개`,
  kinds: {
    schedules: "→ 실행을 예약함 →",
    updates: "→ 갱신함 →",
    reads: "→ 읽힘 →",
    triggers: "→ 실행시킴 →",
    waits_for: "→ 기다려짐 →",
    clears: "→ 초기화함 →",
  },
  nodes: { dag: "DAG", asset: "에셋", name: "에셋", alias: "별칭" },
  missing: "없음",
  missingHint: "다른 DAG가 이 이름을 쓰지만, 이 DAG를 가진 파일이 없습니다.",
  task: (task) => `태스크 ${task}`,
  open: "이 DAG 열기",
  close: "닫기",
  noMatch: "이 이름을 가진 항목이 없습니다",
  empty: "아직 서로 이어진 DAG가 없습니다",
  emptyHint:
    "다른 DAG가 갱신하는 에셋으로 실행을 예약하거나, TriggerDagRunOperator로 실행시키거나, ExternalTaskSensor로 기다리면 여기에 연결이 나타납니다.",
};

export const words = { en, ko };
