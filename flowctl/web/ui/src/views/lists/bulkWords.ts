const en = {
  chosen: (count: number) => (count === 1 ? "One is chosen" : `${count} are chosen`),
  none: "Choose none",
  deeds: { clear: "Clear", success: "Mark success", failed: "Mark failed", delete: "Delete" },
  titles: {
    clear: "Clear: run again",
    success: "Mark as success",
    failed: "Mark as failed",
    delete: "Delete these runs?",
  },
  hints: {
    runs: {
      clear: "All tasks of these runs run again.",
      success: "All tasks of these runs become success; what still runs is ended.",
      failed: "These runs fail. Tasks that run are ended, those not begun are skipped.",
      delete: "They go with their tasks and XComs; what runs of them is ended.",
    },
    tasks: {
      clear: "These task instances run again.",
      success: "They become success; what still runs is ended.",
      failed: "They become failed; what still runs is ended.",
      delete: "",
    },
  },
  around: {
    include_upstream: "Upstream tasks",
    include_downstream: "Downstream tasks",
    only_failed: "Only failed ones",
  },
  looking: "Looking what would be touched …",
  nothing: "Nothing would change: they are so already.",
  touched: (count: number) => (count === 1 ? "One is touched:" : `${count} are touched:`),
  more: (count: number) => `and ${count} more`,
  done: {
    clear: (count: number) => `${count} run again.`,
    success: (count: number) => `${count} are marked as success.`,
    failed: (count: number) => `${count} are marked as failed.`,
    delete: (count: number) => (count === 1 ? "One run is deleted." : `${count} runs are deleted.`),
  },
};

const ko: typeof en = {
  chosen: (count) => `${count}개 선택됨`,
  none: "선택 해제",
  deeds: { clear: "초기화", success: "성공으로 표시", failed: "실패로 표시", delete: "삭제" },
  titles: {
    clear: "초기화: 다시 실행",
    success: "성공으로 표시",
    failed: "실패로 표시",
    delete: "이 실행들을 삭제할까요?",
  },
  hints: {
    runs: {
      clear: "이 실행들의 모든 태스크가 다시 실행됩니다.",
      success: "이 실행들의 모든 태스크가 성공이 됩니다. 실행 중인 것은 종료됩니다.",
      failed: "이 실행들이 실패합니다. 실행 중인 태스크는 종료되고, 시작하지 않은 것은 건너뜁니다.",
      delete: "태스크와 XCom도 함께 삭제됩니다. 실행 중인 것은 종료됩니다.",
    },
    tasks: {
      clear: "이 태스크 인스턴스들이 다시 실행됩니다.",
      success: "성공이 됩니다. 실행 중인 것은 종료됩니다.",
      failed: "실패가 됩니다. 실행 중인 것은 종료됩니다.",
      delete: "",
    },
  },
  around: {
    include_upstream: "상위 태스크",
    include_downstream: "하위 태스크",
    only_failed: "실패한 것만",
  },
  looking: "무엇이 바뀌는지 확인하는 중 …",
  nothing: "바뀌는 것이 없습니다. 이미 그 상태입니다.",
  touched: (count) => `${count}개가 바뀝니다.`,
  more: (count) => `외 ${count}개`,
  done: {
    clear: (count) => `${count}개를 다시 실행합니다.`,
    success: (count) => `${count}개를 성공으로 표시했습니다.`,
    failed: (count) => `${count}개를 실패로 표시했습니다.`,
    delete: (count) => `실행 ${count}개를 삭제했습니다.`,
  },
};

export const words = { en, ko };
