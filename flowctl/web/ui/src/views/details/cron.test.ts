import { expect, test } from "vitest";
import { inWords } from "./cron";

test.each([
  ["0 6 * * *", "at 06:00 each day", "매일 06:00"],
  ["@daily", "at 00:00 each day", "매일 00:00"],
  ["5 * * * *", "every hour at :05", "매시 5분"],
  ["*/15 * * * *", "every 15 minutes", "15분마다"],
  ["30 8,17 * * 1-5", "at 08:30, 17:30 on Monday to Friday", "매주 월요일~금요일 08:30, 17:30"],
  ["0 0 * * SUN", "at 00:00 on Sunday", "매주 일요일 00:00"],
  ["0 0 1 * *", "at 00:00 on day 1 of each month", "매월 1일 00:00"],
  ["0 0 25 12 *", "at 00:00 on December 25 of each year", "매년 12월 25일 00:00"],
  ["0 */6 * * *", "every 6 hours at :00", "6시간마다 0분"],
])("%s reads %j and %j", (cron, en, ko) => {
  expect([inWords(cron, "en"), inWords(cron, "ko")]).toEqual([en, ko]);
});

test.each([
  "0 0 1 * 1",
  "0 0 L * *",
  "1-5 * * * *",
  "0 0 * 5 *",
  "* * *",
  "1 day, 0:00:00",
  "None",
])("%s is left as it is", (cron) => expect(inWords(cron, "en")).toBeUndefined());
