const en = {
  title: "Cluster",
  span: "Time looked at",
  hours: (hours: number) =>
    hours === 1
      ? "The last hour"
      : hours === 24
        ? "The last 24 hours"
        : `The last ${hours / 24} days`,
  runs: (state: string) => `Runs · ${state}`,
  tasks: (state: string) => `Tasks · ${state}`,
  dags: "DAGs",
  paused: (count: number) => `${count} paused`,
  broken: "Import errors",
  failed: "Failed lately",
  noneFailed: "Nothing failed.",
  waiting: "Waits longest",
  noneWaits: "No task waits for a slot, a time or an event.",
  ago: (time: string) => `${time} ago`,
  slots: "Slots and pools",
  executor: "All tasks",
  of: (held: number, slots: number | null) => (slots === null ? `${held}` : `${held} of ${slots}`),
  waits: (count: number) => `${count} wait for a slot`,
  deferred: (count: number) => `${count} deferred, without a slot`,
  processes: "Processes",
  process: "Process",
  host: "Host · process",
  seen: "Last seen",
  tick: "Last tick",
  memory: "Memory",
  all: "All of this machine",
  noLeader: "No scheduler leads: nothing is started. Begin one with: flowctl scheduler",
  silent: "fell silent",
  roles: { leader: "leads", standby: "stands by" },
};

const ko: typeof en = {
  title: "클러스터",
  span: "기간",
  hours: (hours) =>
    hours === 1 ? "지난 1시간" : hours === 24 ? "지난 24시간" : `지난 ${hours / 24}일`,
  runs: (state) => `실행 · ${state}`,
  tasks: (state) => `태스크 · ${state}`,
  dags: "DAG",
  paused: (count) => `${count}개 일시 중지됨`,
  broken: "가져오기 오류",
  failed: "최근 실패",
  noneFailed: "실패한 것이 없습니다.",
  waiting: "가장 오래 기다리는 태스크",
  noneWaits: "슬롯이나 시각, 이벤트를 기다리는 태스크가 없습니다.",
  ago: (time) => `${time} 전`,
  slots: "슬롯과 풀",
  executor: "전체 태스크",
  of: (held, slots) => (slots === null ? `${held}` : `${slots}개 중 ${held}개`),
  waits: (count) => `${count}개가 슬롯을 기다림`,
  deferred: (count) => `슬롯 없이 지연됨 ${count}개`,
  processes: "프로세스",
  process: "프로세스",
  host: "호스트 · 프로세스 번호",
  seen: "마지막 신호",
  tick: "마지막 틱",
  memory: "메모리",
  all: "이 컴퓨터 전체",
  noLeader: "리더 스케줄러가 없어 아무것도 시작되지 않습니다. 시작하려면: flowctl scheduler",
  silent: "응답 없음",
  roles: { leader: "리더", standby: "대기" },
};

export const words = { en, ko };
