const en = {
  title: "Timeline",
  count: (dags: number) => (dags === 1 ? "1 DAG ran" : `${dags} DAGs ran`),
  window: "How far back",
  hours: (hours: number) => (hours <= 24 ? `${hours} h` : `${hours / 24} days`),
  chart: "Runs of all DAGs over time",
  now: "now",
  hasMore: "There were more runs than are shown: the earliest of them are left out.",
  empty: "No run in this time",
  emptyHint: "Look further back, or switch a DAG on: its runs appear here as they happen.",
  took: (time: string) => `took ${time}`,
  runs: (count: number) => (count === 1 ? "1 run begins here" : `${count} runs begin here`),
  worst: (state: string) => `worst: ${state}`,
  summary: (runs: number, failed: number) => `${runs} runs, ${failed} of them failed`,
};

const ko: typeof en = {
  title: "타임라인",
  count: (dags) => `DAG ${dags}개 실행됨`,
  window: "표시할 기간",
  hours: (hours) => (hours <= 24 ? `${hours}시간` : `${hours / 24}일`),
  chart: "시간에 따른 모든 DAG의 실행",
  now: "지금",
  hasMore: "실행이 너무 많아 가장 오래된 것은 표시하지 않았습니다.",
  empty: "이 기간에는 실행이 없습니다",
  emptyHint: "더 긴 기간을 보거나 DAG를 켜 보세요. 실행이 시작되면 여기에 나타납니다.",
  took: (time) => `${time} 걸림`,
  runs: (count) => `여기서 시작한 실행 ${count}개`,
  worst: (state) => `가장 나쁜 상태: ${state}`,
  summary: (runs, failed) => `실행 ${runs}개 중 ${failed}개 실패`,
};

export const words = { en, ko };
