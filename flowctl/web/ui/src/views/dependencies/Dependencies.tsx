/** The graph of DAGs: which follow which, and by what. */

import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";
import { api } from "@/api/client";
import { useLayout } from "@/layout/useLayout";
import { IconButton } from "@/parts/Button";
import { Drawing } from "@/parts/graph/Drawing";
import { type Focus, focused } from "@/parts/graph/walk";
import { Empty, Failure } from "@/parts/Notice";
import { useWords } from "@/text/text";
import css from "./dependencies.module.css";
import { about, type Dependencies as All, found, sceneOf } from "./scene";
import { words } from "./words";

const NONE: All = { nodes: [], edges: [] };

export function Dependencies() {
  const text = useWords(words);
  const read = api.useQuery("get", "/ui/dependencies", {}, { staleTime: 30_000 });
  const { node } = useSearch({ strict: false }) as { node?: string };
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const [focus, setFocus] = useState<Focus>("both");
  const wanted = useDeferredValue(search);
  const all = read.data ?? NONE;
  const shown = useMemo(() => found(all, wanted), [all, wanted]);
  const { scene, looks } = useMemo(() => sceneOf(shown, text), [shown, text]);
  const plan = useLayout(read.data ? scene : null);
  const selected = all.nodes.find((one) => one.id === node);
  const inFocus = useMemo(
    () => focused(scene.edges, selected?.id, focus),
    [scene, selected, focus],
  );
  const choose = (id: string | undefined) =>
    void navigate({ to: ".", search: (id ? { node: id } : {}) as never, replace: true });

  if (read.isError) return <Failure error={read.error} retry={() => void read.refetch()} />;
  if (read.data && all.nodes.length === 0)
    return (
      <div className={css.page}>
        <div className={css.head}>
          <h1>{text.title}</h1>
        </div>
        <Empty title={text.empty}>
          <p>{text.emptyHint}</p>
        </Empty>
      </div>
    );
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{text.title}</h1>
        <input
          type="search"
          aria-label={text.search}
          placeholder={text.search}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <select
          aria-label={text.focus}
          value={focus}
          disabled={!selected}
          onChange={(event) => setFocus(event.target.value as Focus)}
        >
          {(["both", "upstream", "downstream", "all"] as const).map((one) => (
            <option key={one} value={one}>
              {text.focuses[one]}
            </option>
          ))}
        </select>
        <span className={css.soft} role="status">
          {read.data && text.count(shown.nodes.filter((one) => one.kind === "dag").length)}
        </span>
      </div>
      <div className={css.body}>
        {plan && scene.nodes.length > 0 && (
          <Drawing
            label={text.graph}
            plan={plan}
            looks={looks}
            inFocus={inFocus}
            selected={selected?.id}
            onSelect={choose}
            subject={`dependencies ${wanted}`}
            isStale={plan.scene !== scene}
          />
        )}
        {scene.nodes.length === 0 && read.data && <Empty title={text.noMatch} />}
        {selected && (
          <aside className={css.side} aria-label={selected.label}>
            <div className={css.sideHead}>
              <h2>{selected.label}</h2>
              <IconButton label={text.close} onClick={() => choose(undefined)}>
                <X size={16} />
              </IconButton>
            </div>
            {selected.kind === "dag" && !selected.is_missing && (
              <Link to="/dags/$dagId" params={{ dagId: selected.id.slice("dag:".length) }}>
                {text.open}
              </Link>
            )}
            {selected.is_missing && <p className={css.missing}>{text.missingHint}</p>}
            <ul>
              {about(all, selected.id).map((one) => (
                <li key={JSON.stringify(one)}>
                  <strong>{one.from}</strong> {text.kinds[one.kind]} <strong>{one.to}</strong>
                  {one.task && <small> {text.task(one.task)}</small>}
                </li>
              ))}
            </ul>
          </aside>
        )}
      </div>
    </div>
  );
}
