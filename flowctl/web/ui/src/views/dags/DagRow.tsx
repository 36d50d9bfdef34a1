import { Link, defaultStringifySearch as stringify, useNavigate } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import { type CSSProperties, type MouseEvent, Suspense, lazy, memo, useState } from "react";
import { BASE } from "@/base";
import { IconButton } from "@/parts/Button";
import { Switch } from "@/parts/Field";
import { Menu, menuItem } from "@/parts/Menu";
import { MoreSign, StarSign } from "@/parts/rowSigns";
import { colour } from "@/parts/StateMark";
import { useMay, useMayDag } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import { duration } from "@/time/moments";
import { useMoment } from "@/time/useMoment";
import css from "./dags.module.css";
import { act, type Entry, favour, pause } from "./query";
import { heights } from "./runBars";
import { words } from "./words";

const DeleteDag = lazy(async () => ({
  default: (await import("@/views/dag/DeleteDag")).DeleteDag,
}));

const TriggerDag = lazy(async () => ({
  default: (await import("@/views/actions/TriggerDag")).TriggerDag,
}));

interface Props {
  dag: Entry;
  now: number;
  onTag: (tag: string) => void;
}

export const DagRow = memo(function DagRow({ dag, now, onTag }: Props) {
  const text = useWords(words);
  const name = dag.display_name;
  const isByHand = !dag.schedule || dag.schedule === "None";
  const switched = (isOn: boolean) =>
    void act(() => pause(dag.dag_id, !isOn), isOn ? text.unpaused1(name) : text.paused1(name));
  return (
    <tr className={css.row} data-paused={dag.is_paused}>
      <td className={css.tight}>
        <IconButton
          label={text.favourite(name)}
          aria-pressed={dag.is_favourite}
          className={css.star ?? ""}
          onClick={() => void act(() => favour(dag.dag_id, !dag.is_favourite))}
        >
          <StarSign isFilled={dag.is_favourite} />
        </IconButton>
      </td>
      <td className={css.tight}>
        <Switch
          label={text.onOff(name)}
          isOn={!dag.is_paused}
          isDisabled={!dag.may_edit}
          onChange={switched}
        />
      </td>
      <td className={css.dag}>
        <Name dag={dag} onTag={onTag} />
      </td>
      <td>
        <span className={css.schedule} title={dag.schedule}>
          {isByHand ? text.noSchedule : dag.schedule}
        </span>
      </td>
      <td>
        <Next dag={dag} now={now} />
      </td>
      <td>
        <Runs dag={dag} now={now} />
      </td>
      <td>
        <TaskCounts counts={dag.task_states} />
      </td>
      <td className={css.tight}>
        <Actions dag={dag} />
      </td>
    </tr>
  );
});

function Name({ dag, onTag }: { dag: Entry; onTag: (tag: string) => void }) {
  const text = useWords(words);
  return (
    <>
      <div className={css.name}>
        <Link to="/dags/$dagId" params={{ dagId: dag.dag_id }} className={css.link}>
          {dag.display_name}
        </Link>
        {dag.has_import_error && (
          <TriangleAlert size={14} className={css.broken} aria-label={text.brokenHere} />
        )}
        {dag.tags.map((tag) => (
          <button type="button" key={tag} className={css.tag} onClick={() => onTag(tag)}>
            {tag}
          </button>
        ))}
      </div>
      <div className={css.about}>{dag.description || dag.owners.join(", ")}</div>
    </>
  );
}

function Next({ dag, now }: { dag: Entry; now: number }) {
  const text = useWords(words);
  const worded = useMoment();
  if (dag.assets) return text.assets(dag.assets.new, dag.assets.total);
  if (!dag.next_run_after) return null;
  if (dag.is_paused) return <span className={css.faint}>{text.whenOn}</span>;
  const seconds = (Date.parse(dag.next_run_after) - now) / 1000;
  return (
    <time dateTime={dag.next_run_after} title={worded(dag.next_run_after)}>
      {seconds > 0 ? text.in(duration(seconds < 60 ? Math.ceil(seconds) : seconds)) : text.due}
    </time>
  );
}

function Runs({ dag, now }: { dag: Entry; now: number }) {
  const text = useWords(words);
  const { states } = useText();
  const worded = useMoment();
  const bars = heights(dag.runs, now);
  // Plain links: a hundred of the router's own in each window were half of what a list costs.
  const navigate = useNavigate();
  const page = `${BASE}/dags/${encodeURIComponent(dag.dag_id)}`;
  const go = (event: MouseEvent, run: string) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    void navigate({ to: "/dags/$dagId", params: { dagId: dag.dag_id }, search: { run } });
  };
  if (dag.runs.length === 0) return <span className={css.faint}>{text.neverRan}</span>;
  return (
    <div className={css.runs}>
      {dag.runs.map((run, place) => {
        const label = text.runOf(worded(run.logical_date), states[run.state] ?? run.state);
        return (
          <a
            key={run.run_id}
            href={`${page}${stringify({ run: run.run_id })}`}
            onClick={(event) => go(event, run.run_id)}
            title={label}
            className={css.bar}
            style={barStyle(bars[place] ?? 0, run.state)}
          />
        );
      })}
      {dag.running > 0 && <span className={css.live}>{text.running(dag.running)}</span>}
      {dag.queued > 0 && <span className={css.faint}>{text.queued(dag.queued)}</span>}
    </div>
  );
}

/** How high a bar is, from 0 to 1, and its colour; the style sheet draws it inside its link. */
function barStyle(height: number, state: string): CSSProperties {
  return { "--high": `${Math.round(height * 100)}%`, "--colour": colour(state) } as CSSProperties;
}

const ORDER = [
  "failed",
  "upstream_failed",
  "up_for_retry",
  "running",
  "queued",
  "success",
  "skipped",
];

function TaskCounts({ counts }: { counts: Record<string, number> }) {
  const { states } = useText();
  const places = (state: string) => (ORDER.indexOf(state) + ORDER.length) % ORDER.length;
  const found = Object.entries(counts).sort(([one], [other]) => places(one) - places(other));
  const total = found.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  return (
    <div className={css.counts}>
      <span className={css.strip} aria-hidden="true">
        {found.map(([state, count]) => (
          <span key={state} style={{ flexGrow: count, background: colour(state) }} />
        ))}
      </span>
      <span className={css.countWords}>
        {found.map(([state, count]) => (
          <span key={state} title={states[state]}>
            {count} {states[state] ?? state}
          </span>
        ))}
      </span>
    </div>
  );
}

function Actions({ dag }: { dag: Entry }) {
  const text = useWords(words);
  const may = useMay();
  const mayDelete = useMayDag(dag.dag_id)("can_delete");
  const [asked, setAsked] = useState<"trigger" | "delete">();
  const mayTrigger = dag.may_edit && may("can_create", "DAG Runs");
  const stop = () => setAsked(undefined);
  if (!mayDelete && !mayTrigger) return null;
  return (
    <>
      <Menu label={text.more} face={<MoreSign />}>
        {mayTrigger && (
          <button type="button" className={menuItem} onClick={() => setAsked("trigger")}>
            {text.trigger}
          </button>
        )}
        {mayDelete && (
          <button type="button" className={menuItem} onClick={() => setAsked("delete")}>
            {text.delete}
          </button>
        )}
      </Menu>
      <Suspense>
        {asked === "trigger" && <TriggerDag dagId={dag.dag_id} onClose={stop} />}
        {asked === "delete" && <DeleteDag dagId={dag.dag_id} onClose={stop} />}
      </Suspense>
    </>
  );
}
