/** The processes of flowctl: who leads, who stands by, who fell silent, what they take. */

import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck } from "lucide-react";
import { useWords } from "@/text/text";
import { duration } from "@/time/moments";
import css from "./cluster.module.css";
import { ago, inOrder, type Job, memoryOf } from "./parts";
import { words } from "./words";

const MIB = 2 ** 20;

export function Processes({ jobs, now }: { jobs: Job[]; now: number }) {
  const text = useWords(words);
  const since = (at: string | null) => {
    const seconds = ago(at, now);
    return seconds === undefined ? "" : text.ago(duration(Math.max(1, Math.round(seconds))));
  };
  return (
    <section className={css.card}>
      <h2>
        <Link to={"/jobs" as "/dags"}>{text.processes}</Link>
      </h2>
      {!jobs.some((job) => job.role === "leader") && <p className={css.bad}>{text.noLeader}</p>}
      <div className={css.scroll}>
        <table className={css.table} aria-label={text.processes}>
          <thead>
            <tr>
              <th>{text.process}</th>
              <th>{text.host}</th>
              <th>{text.seen}</th>
              <th>{text.tick}</th>
              <th className={css.number}>{text.memory}</th>
            </tr>
          </thead>
          <tbody>
            {inOrder(jobs).map((job) => (
              <tr key={job.id}>
                <td>
                  <span className={job.state === "alive" ? css.good : css.bad}>
                    {job.state === "alive" ? <CircleCheck size={14} /> : <CircleAlert size={14} />}
                  </span>{" "}
                  {job.kind}{" "}
                  <small className={css.soft}>
                    {job.state === "silent" ? text.silent : job.role && text.roles[job.role]}
                  </small>
                </td>
                <td>
                  {job.host} · {job.pid}
                </td>
                <td>{since(job.seen_at)}</td>
                <td>{since(job.tick_at)}</td>
                <td className={css.number}>
                  {job.memory_bytes !== null && `${Math.round(job.memory_bytes / MIB)} MiB`}
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td colSpan={4}>
                {text.all} <small className={css.soft}>{text.allHint}</small>
              </td>
              <td className={css.number}>{Math.round(memoryOf(jobs) / MIB)} MiB</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </section>
  );
}
