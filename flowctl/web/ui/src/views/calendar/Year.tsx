import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import { api } from "@/api/client";
import { Failure, Notice } from "@/parts/Notice";
import { rove } from "@/parts/roving";
import { colour, SIGNS } from "@/parts/StateMark";
import { useSettings } from "@/settings/settings";
import { useText, useWords } from "@/text/text";
import css from "./calendar.module.css";
import { words } from "./words";
import { type Day, DAYS, monthsOf, runsOf, sumsOf, weeksOf, worstOf } from "./year";

interface Props {
  dagId: string;
  year: number;
  today: string;
}

function useNames() {
  const { language } = useSettings();
  return useMemo(() => {
    const utc = { timeZone: "UTC" } as const;
    const month = new Intl.DateTimeFormat(language, { month: "short", ...utc });
    const day = new Intl.DateTimeFormat(language, { weekday: "short", ...utc });
    return {
      month: (at: number) => month.format(Date.UTC(2024, at, 1)),
      day: (at: number) => day.format(Date.UTC(2024, 0, 1 + at)), // a Monday
    };
  }, [language]);
}

export function Year({ dagId, year, today }: Props) {
  const text = useWords(words);
  const names = useNames();
  const found = api.useQuery("get", "/dags/{dag_id}/calendar", {
    params: { path: { dag_id: dagId }, query: { year } },
  });
  const weeks = useMemo(() => weeksOf(year), [year]);
  const days = useMemo(() => new Map(found.data?.days.map((day) => [day.date, day])), [found.data]);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = box.current?.querySelector("[data-today]");
    place?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [weeks]);
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  const first = found.data?.days.find((day) => runsOf(day) > 0)?.date;
  return (
    <section className={css.year} aria-label={text.year(year)}>
      <div className={css.head}>
        <h2>{year}</h2>
        {found.data && <Sums days={found.data.days} />}
      </div>
      <div ref={box} className={css.scroll}>
        <table className={css.table} onKeyDown={rove}>
          <caption className="visually-hidden">{text.year(year)}</caption>
          <thead>
            <tr>
              <th>
                <span className="visually-hidden">{text.day}</span>
              </th>
              {monthsOf(weeks).map(({ month, span }) => (
                <th key={month} colSpan={span} scope="colgroup">
                  {names.month(month)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: DAYS }, (_, row) => (
              <tr key={row}>
                <th scope="row">{names.day(row)}</th>
                {weeks.map((week, column) => {
                  const date = week[row];
                  return (
                    <td key={column} data-today={date === today || undefined}>
                      {date && (
                        <One
                          dagId={dagId}
                          date={date}
                          day={days.get(date)}
                          at={`${column} ${row}`}
                          isFirst={date === first}
                        />
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.data && !found.data.is_planned_complete && (
        <Notice kind="warning">{text.isMore}</Notice>
      )}
    </section>
  );
}

function Sums({ days }: { days: readonly Day[] }) {
  const text = useWords(words);
  const { states } = useText();
  const sums = sumsOf(days);
  return (
    <ul className={css.sums}>
      {sums.length === 0 && <li>{text.nothing}</li>}
      {sums.map(({ state, count }) => (
        <li key={state}>
          <span
            className={state === "planned" ? css.planned : css.swatch}
            style={state === "planned" ? {} : { background: colour(state) }}
            aria-hidden="true"
          />
          {text.counted(count, state === "planned" ? text.planned : (states[state] ?? state))}
        </li>
      ))}
    </ul>
  );
}

interface OneProps {
  dagId: string;
  date: string;
  day: Day | undefined;
  /** Its column and row. */
  at: string;
  isFirst: boolean;
}

function One({ dagId, date, day, at, isFirst }: OneProps) {
  const text = useWords(words);
  const { states } = useText();
  if (!day) return <span className={css.empty} title={`${date}: ${text.nothing}`} />;
  const counts = sumsOf([day]).map(({ state, count }) =>
    text.counted(count, state === "planned" ? text.planned : (states[state] ?? state)),
  );
  const label = `${date}: ${counts.join(", ")}`;
  const worst = worstOf(day);
  if (!worst)
    return (
      <span className={css.planned} title={label}>
        <span className="visually-hidden">{label}</span>
        {day.planned > 1 && <span aria-hidden="true">{short(day.planned)}</span>}
      </span>
    );
  return (
    <Link
      to="/dags/$dagId"
      params={{ dagId }}
      search={{ from: date, to: date } as never}
      className={css.day}
      style={{ background: colour(worst) }}
      data-at={at}
      data-state={worst}
      tabIndex={isFirst ? 0 : -1}
      aria-label={label}
      title={label}
    >
      <Face state={worst} count={runsOf(day)} />
    </Link>
  );
}

/** What a day shows: the sign of its worst run, and how many there are. */
function Face({ state, count }: { state: string; count: number }) {
  const isOne = count === 1;
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true">
      <path d={SIGNS[state]} transform={isOne ? "translate(2 2)" : "scale(0.6)"} />
      {!isOne && (
        <text x="18.5" y="17.5">
          {short(count)}
        </text>
      )}
    </svg>
  );
}

/** Two figures at most: a day is small. */
function short(count: number): string {
  return count > 99 ? "99+" : String(count);
}
