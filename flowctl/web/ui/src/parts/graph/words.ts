export const words = {
  en: { closer: "Zoom in", further: "Zoom out", fit: "Show all" },
  ko: { closer: "확대", further: "축소", fit: "전체 보기" },
};
