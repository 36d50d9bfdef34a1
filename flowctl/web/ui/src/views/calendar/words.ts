const en = {
  year: (year: number) => `Runs of ${year}`,
  earlier: (year: number) => `Show ${year}, too`,
  later: (year: number) => `Show ${year}, too`,
  nothing: "no runs",
  planned: "planned",
  counted: (count: number, state: string) => `${count} ${state}`,
  hint: "A day is the logical date of its runs, in UTC, in the colour of its worst run. A day with runs leads to them.",
  isMore: "The schedule has more runs in this year than are counted here.",
  day: "Day",
};

const ko: typeof en = {
  year: (year) => `${year}년 실행`,
  earlier: (year) => `${year}년도 보기`,
  later: (year) => `${year}년도 보기`,
  nothing: "실행 없음",
  planned: "예정",
  counted: (count, state) => `${state} ${count}개`,
  hint: "날짜는 실행의 논리 날짜(UTC)이고, 색은 그날 가장 나쁜 실행의 상태입니다. 실행이 있는 날을 누르면 그 실행을 봅니다.",
  isMore: "이 해에는 여기 센 것보다 더 많은 실행이 예정되어 있습니다.",
  day: "요일",
};

export const words = { en, ko };
