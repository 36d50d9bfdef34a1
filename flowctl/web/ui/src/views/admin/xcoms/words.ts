const en = {
  empty: "No task left an XCom yet. What a task returns becomes one.",
  noMatch: "No XCom fits.",
  dag: "DAG",
  run: "Run",
  task: "Task",
  key: "Key",
  value: "Value",
  when: "When",
  filter: (name: string) => `${name} contains`,
  cut: "Only the beginning is shown; the task's panel has all of it.",
};

const ko: typeof en = {
  empty: "아직 태스크가 남긴 XCom이 없습니다. 태스크가 반환한 값이 XCom이 됩니다.",
  noMatch: "조건에 맞는 XCom이 없습니다.",
  dag: "DAG",
  run: "실행",
  task: "태스크",
  key: "키",
  value: "값",
  when: "언제",
  filter: (name) => `${name}에 포함`,
  cut: "앞부분만 표시됩니다. 전체는 태스크 패널에 있습니다.",
};

export const words = { en, ko };
