/** The usual cron expressions in words; the unusual ones are left to who reads cron. */

type Language = "en" | "ko";

const PRESETS: Record<string, string> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};
const NUMBER = /^\d+$/;
const STEP = /^(?:\*|0)\/(\d+)$/;
const NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** Return a cron expression in words; undefined where it is not one of the usual kinds. */
export function inWords(expression: string, language: Language): string | undefined {
  const parts = (PRESETS[expression] ?? expression).trim().split(/\s+/);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = parts;
  if (parts.length !== 5 || !isPlain(day) || !isPlain(month)) return undefined;
  const ko = language === "ko";
  const time = timeOf(minute, hour, ko);
  const date = dateOf(day, month, weekday, language);
  if (!time || !date) return undefined;
  if (!hour.split(",").every((one) => NUMBER.test(one)) && weekday === "*" && day === "*")
    return time;
  return ko ? `${date} ${time}` : `${time} ${date}`;
}

const isPlain = (part: string) => part === "*" || NUMBER.test(part);
const two = (part: string) => part.padStart(2, "0");

function timeOf(minute: string, hour: string, ko: boolean): string | undefined {
  const each = STEP.exec(minute)?.[1];
  const hours = STEP.exec(hour)?.[1];
  if (each && hour === "*") return ko ? `${each}분마다` : `every ${each} minutes`;
  if (minute === "*" && hour === "*") return ko ? "매분" : "every minute";
  if (!NUMBER.test(minute)) return undefined;
  if (hour === "*") return ko ? `매시 ${minute}분` : `every hour at :${two(minute)}`;
  if (hours) return ko ? `${hours}시간마다 ${minute}분` : `every ${hours} hours at :${two(minute)}`;
  const times = hour.split(",");
  if (!times.every((one) => NUMBER.test(one))) return undefined;
  const clock = times.map((one) => `${two(one)}:${two(minute)}`).join(", ");
  return ko ? clock : `at ${clock}`;
}

/** On which days; undefined for both a day of the month and one of the week: either is enough then. */
function dateOf(day: string, month: string, weekday: string, language: Language) {
  const ko = language === "ko";
  if (weekday !== "*")
    return day === "*" && month === "*" ? weekdaysOf(weekday, language) : undefined;
  if (month !== "*" && day === "*") return undefined;
  if (day === "*") return ko ? "매일" : "each day";
  if (month === "*") return ko ? `매월 ${day}일` : `on day ${day} of each month`;
  const named = new Intl.DateTimeFormat(language, { month: "long", timeZone: "UTC" });
  const name = named.format(Date.UTC(2024, Number(month) - 1, 1));
  return ko ? `매년 ${name} ${day}일` : `on ${name} ${day} of each year`;
}

function weekdaysOf(part: string, language: Language): string | undefined {
  const named = new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" });
  const nameOf = (one: string) => {
    const at = NUMBER.test(one) ? Number(one) : NAMES.indexOf(one.toUpperCase());
    return at < 0 || at > 7 ? undefined : named.format(Date.UTC(2024, 0, 7 + at)); // a Sunday
  };
  const join = part.includes("-") ? (language === "ko" ? "~" : " to ") : ", ";
  const names = part.split(/[-,]/).map(nameOf);
  if (names.some((name) => !name) || (part.includes("-") && part.includes(","))) return undefined;
  return language === "ko" ? `매주 ${names.join(join)}` : `on ${names.join(join)}`;
}
