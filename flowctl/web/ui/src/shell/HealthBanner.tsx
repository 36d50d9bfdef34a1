/** Says on every page when a part of the system is away, or lets nothing start. */

import { api, Refused } from "@/api/client";
import { Notice } from "@/parts/Notice";
import { useText } from "@/text/text";
import css from "./shell.module.css";

const LOOK_EVERY_MS = 5_000;

/** The server answers, but without its metastore it cannot say more. */
const isOut = (error: unknown) => error instanceof Refused && error.status === 503;

export function HealthBanner() {
  const text = useText();
  const looked = { refetchInterval: LOOK_EVERY_MS, retry: false };
  const health = api.useQuery("get", "/health", {}, looked);
  const drain = api.useQuery("get", "/drain", {}, looked);
  const found = health.data;
  const troubles = [
    health.isError && (isOut(health.error) ? text.health.metastoreDown : text.ask.away),
    found?.metadatabase.status === "unhealthy" && text.health.metastoreDown,
    found?.scheduler.status === "unhealthy" && text.health.schedulerDown,
    found?.triggerer?.status === "unhealthy" && text.health.triggererDown,
    found?.disks?.full?.length && text.health.diskStops(found.disks.full.join(", ")),
    found?.disks?.nearly_full?.length && text.health.diskFull(found.disks.nearly_full.join(", ")),
  ].filter((words): words is string => Boolean(words));
  const drains = drain.data?.by && text.health.drains(drain.data.by, drain.data.running);
  if (troubles.length === 0 && !drains) return null;
  return (
    <div className={css.banner}>
      {troubles.map((words) => (
        <Notice key={words}>{words}</Notice>
      ))}
      {drains && <Notice kind="warning">{drains}</Notice>}
    </div>
  );
}
