/** Tasks by runs: what happened lately, the newest run at the right. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { Empty, Failure } from "@/parts/Notice";
import { useWords } from "@/text/text";
import { useDagId } from "@/views/dag/useDag";
import { Board } from "./Board";
import { Filters } from "./Filters";
import { type Filter, filterOf } from "./filter";
import css from "./grid.module.css";
import { rowsOf, treeOf } from "./tree";
import { useFolded } from "./useFolded";
import { useRuns } from "./useRuns";
import { words } from "./words";

export function Grid() {
  const dagId = useDagId();
  const text = useWords(words);
  const filter = useSearch({ strict: false, select: filterOf, structuralSharing: true });
  const found = useRuns(dagId, filter);
  const [folded, setFolded] = useFolded(dagId);
  const navigate = useNavigate();
  const setFilter = (next: Filter) =>
    void navigate({ to: ".", search: ((old: object) => ({ ...old, ...next })) as never });

  const newest = found.data?.pages[0];
  const tree = useMemo(() => treeOf(newest?.nodes ?? []), [newest?.nodes]);
  const rows = useMemo(() => rowsOf(tree, folded), [tree, folded]);
  const runs = useMemo(
    () => (found.data?.pages ?? []).flatMap((page) => page.runs).reverse(),
    [found.data],
  );
  const groups = useMemo(
    () => (newest?.nodes ?? []).filter((node) => node.is_group).map((node) => node.id),
    [newest?.nodes],
  );
  const isFiltered = Object.values(filter).some(Boolean);

  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  return (
    <div className={css.grid}>
      <Filters
        filter={filter}
        setFilter={setFilter}
        groups={groups}
        folded={folded}
        setFolded={setFolded}
      />
      {newest && runs.length === 0 && (
        <Empty title={isFiltered ? text.noMatch : text.noRuns}>
          <p>{isFiltered ? text.noMatchHint : text.noRunsHint}</p>
        </Empty>
      )}
      {newest && (
        <Board
          rows={rows}
          runs={runs}
          states={newest.states}
          folded={folded}
          groups={groups}
          setFolded={setFolded}
          setRoot={(root) => setFilter({ root })}
          isLoading={found.isFetchingNextPage}
          loadOlder={
            found.hasNextPage && !found.isFetchingNextPage
              ? () => void found.fetchNextPage()
              : undefined
          }
        />
      )}
    </div>
  );
}
