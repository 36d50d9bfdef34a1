const en = {
  panel: "What is selected",
};

const ko: typeof en = {
  panel: "선택한 항목",
};

export const words = { en, ko };
