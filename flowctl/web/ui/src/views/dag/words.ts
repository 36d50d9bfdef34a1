const en = {
  tabs: "Views of this DAG",
  paused: "Paused: no run begins",
  active: "Active: runs begin by its schedule",
  pausedNow: (dag: string) => `${dag} is paused: what runs goes on, nothing new begins.`,
  activeNow: (dag: string) => `${dag} is active again.`,
  description: "Description",
  next: "Next run",
  noNext: "no further run",
  schedule: "Schedule",
  noSchedule: "Runs when it is triggered",
  owner: "Owner",
  tags: "Tags",
  importError: "The file of this DAG cannot be read now; shown is the last version that could.",
  gone: "The file of this DAG is gone; its history is kept.",
  trigger: "Trigger",
  more: "More for this DAG",
  reparse: "Read its file again",
  reparsed: "The file is read again now.",
  delete: "Delete with history",
  deleteTitle: (dag: string) => `Delete ${dag}?`,
  deleteRuns: (runs: number) =>
    runs === 1
      ? "Its one run, with its tasks and XComs, is deleted."
      : `Its ${runs} runs, with their tasks and XComs, are deleted.`,
  deleteFile:
    "The file stays: as long as it lies in the DAGs folder, it brings the DAG back as new.",
  deleted: (dag: string, runs: number) => `${dag} is deleted, with ${runs} runs.`,
};

type Text = typeof en;

const ko: Text = {
  tabs: "이 DAG의 화면",
  paused: "일시 중지됨: 새 실행이 시작되지 않습니다",
  active: "활성: 일정에 따라 실행됩니다",
  pausedNow: (dag) => `${dag}을(를) 일시 중지했습니다. 진행 중인 실행은 계속됩니다.`,
  activeNow: (dag) => `${dag}이(가) 다시 활성화되었습니다.`,
  description: "설명",
  next: "다음 실행",
  noNext: "다음 실행 없음",
  schedule: "일정",
  noSchedule: "트리거할 때 실행",
  owner: "소유자",
  tags: "태그",
  importError: "지금은 이 DAG의 파일을 읽을 수 없습니다. 마지막으로 읽은 버전을 보여 줍니다.",
  gone: "이 DAG의 파일이 없어졌습니다. 기록은 남아 있습니다.",
  trigger: "트리거",
  more: "이 DAG의 다른 작업",
  reparse: "파일 다시 읽기",
  reparsed: "파일을 다시 읽고 있습니다.",
  delete: "기록과 함께 삭제",
  deleteTitle: (dag) => `${dag}을(를) 삭제할까요?`,
  deleteRuns: (runs) => `실행 ${runs}개와 그 태스크, XCom이 삭제됩니다.`,
  deleteFile: "파일은 남습니다. DAG 폴더에 있는 동안에는 새 DAG로 다시 나타납니다.",
  deleted: (dag, runs) => `${dag}을(를) 실행 ${runs}개와 함께 삭제했습니다.`,
};

export const words = { en, ko };
