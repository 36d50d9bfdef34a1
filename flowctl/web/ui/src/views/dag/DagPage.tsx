/** The page of one DAG: its head, its tabs, and the panel of what is selected in them. */

import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { isMissing } from "@/api/client";
import { BASE } from "@/base";
import { Failure, Missing } from "@/parts/Notice";
import { useMay } from "@/shell/session";
import { useWords } from "@/text/text";
import { type Deed, Deeds } from "@/views/actions/deeds";
import { Panel } from "@/views/panels/Panel";
import { DagHead } from "./DagHead";
import css from "./dag.module.css";
import { useSelection } from "./selection";
import { type Tab, TABS } from "./tabs";
import { useDag, useDagId } from "./useDag";
import { words } from "./words";

const DeedDialog = lazy(() =>
  import("@/views/actions/DeedDialog").then((found) => ({ default: found.DeedDialog })),
);
const TriggerDialog = lazy(() =>
  import("@/views/actions/TriggerDialog").then((found) => ({ default: found.TriggerDialog })),
);

export function DagPage() {
  const dagId = useDagId();
  const dag = useDag(dagId);
  const [selection, select] = useSelection();
  const tab = useTab(dagId);
  const [deed, setDeed] = useState<Deed | undefined>();
  if (isMissing(dag.failureReason)) return <Missing error={dag.failureReason} />;
  if (dag.isError) return <Failure error={dag.error} retry={() => void dag.refetch()} />;
  const hasPanel = Boolean(tab?.hasPanel && selection.run);
  const stop = () => setDeed(undefined);
  return (
    <Deeds value={setDeed}>
      <div className={css.page}>
        <div className={css.head}>
          {dag.data ? <DagHead dag={dag.data} /> : <Coming dagId={dagId} />}
          <Tabs dagId={dagId} />
        </div>
        <div className={css.body}>
          <div className={css.view}>
            <Outlet />
          </div>
          {hasPanel && <Panel dagId={dagId} />}
        </div>
        <Suspense>
          {deed?.kind === "trigger" && dag.data && (
            <TriggerDialog
              dag={dag.data}
              conf={deed.conf}
              onClose={stop}
              onTriggered={(run) => select({ run, task: undefined })}
            />
          )}
          {deed && deed.kind !== "trigger" && (
            <DeedDialog dagId={dagId} kind={deed.kind} targets={deed.targets} onClose={stop} />
          )}
        </Suspense>
      </div>
    </Deeds>
  );
}

/** Holds the place of the head, so that nothing jumps when it comes. */
function Coming({ dagId }: { dagId: string }) {
  return (
    <>
      <div className={css.title}>
        <h1>{dagId}</h1>
      </div>
      <p className={css.facts}>&nbsp;</p>
    </>
  );
}

function useTab(dagId: string): Tab | undefined {
  const path = useLocation({ select: (location) => location.pathname });
  const start = `${BASE}/dags/${encodeURIComponent(dagId)}`;
  const last = decodeURIComponent(path).slice(decodeURIComponent(start).length).replace(/^\//, "");
  return TABS.find((tab) => tab.path.replace("/", "") === last.split("/")[0]);
}

function Tabs({ dagId }: { dagId: string }) {
  const text = useWords(words);
  const may = useMay();
  const bar = useRef<HTMLElement>(null);
  const path = useLocation({ select: (location) => location.pathname });
  useEffect(() => {
    const chosen = bar.current?.querySelector('[aria-current="page"]');
    chosen?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [path]);
  return (
    <nav ref={bar} className={css.tabs} aria-label={text.tabs}>
      {TABS.filter((tab) => !tab.needs || may("can_read", tab.needs)).map((tab) => (
        <Link
          key={tab.path}
          to={`/dags/$dagId${tab.path === "/" ? "" : tab.path}` as "/dags/$dagId"}
          params={{ dagId }}
          search={kept as never}
          activeOptions={{ exact: true, includeSearch: false }}
          activeProps={{ "aria-current": "page" }}
          className={css.tab}
        >
          <Name tab={tab} />
        </Link>
      ))}
    </nav>
  );
}

/** What is selected goes along to another tab; filters of a tab do not. */
function kept({ run, task, map }: Record<string, unknown>) {
  return { run, task, map };
}

function Name({ tab }: { tab: Tab }) {
  return useWords(tab.name);
}
