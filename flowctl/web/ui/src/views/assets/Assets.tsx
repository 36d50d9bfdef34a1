/** Assets: which DAGs they link, their updates, and an update by hand. */

import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { api, cache, type Schemas } from "@/api/client";
import { useLayout } from "@/layout/useLayout";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Drawing } from "@/parts/graph/Drawing";
import { Empty, Failure } from "@/parts/Notice";
import { Worded } from "@/parts/Worded";
import { regret, said } from "@/parts/toasts";
import { useMay } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import { assetId } from "@/views/graph/scene";
import css from "./assets.module.css";
import { type Asset, assetScene } from "./scene";
import { words } from "./words";

const SHOWN = 100;

export function Assets() {
  const text = useWords(words);
  const [asked, setAsked] = useState("");
  const [chosen, setChosen] = useState<string>();
  const query = { limit: SHOWN, order_by: "uri", ...(asked ? { uri_pattern: asked } : {}) };
  const found = api.useQuery(
    "get",
    "/datasets",
    { params: { query } },
    { meta: { live: "any" }, placeholderData: (before) => before },
  );
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  const assets = (found.data as Schemas["DatasetCollection"] | undefined)?.datasets;
  if (!assets) return null;
  if (assets.length === 0 && !asked)
    return (
      <>
        <h1 className={css.title}>{text.title}</h1>
        <Empty title={text.empty}>
          <p>
            <Worded words={text.emptyHint} />
          </p>
        </Empty>
      </>
    );
  const one = assets.find((asset) => asset.uri === chosen);
  return (
    <div className={css.page}>
      <Picture assets={assets} chosen={chosen} choose={setChosen} />
      <section className={css.side}>
        <h1>{text.title}</h1>
        <input
          type="search"
          aria-label={text.find}
          placeholder={text.find}
          value={asked}
          onChange={(event) => setAsked(event.target.value)}
        />
        <List assets={assets} chosen={chosen} choose={setChosen} />
        {one && <Events key={one.uri} asset={one} />}
      </section>
    </div>
  );
}

interface Choice {
  assets: Asset[];
  chosen: string | undefined;
  choose: (uri: string) => void;
}

function Picture({ assets, chosen, choose }: Choice) {
  const text = useWords(words);
  const navigate = useNavigate();
  const { scene, looks } = useMemo(() => assetScene(assets, text), [assets, text]);
  const plan = useLayout(scene);
  const select = (id: string) => {
    if (id.startsWith("dag:"))
      void navigate({ to: "/dags/$dagId", params: { dagId: id.slice(4) } });
    else choose(id.slice("asset:".length));
  };
  return (
    <div className={css.picture}>
      {plan && (
        <Drawing
          label={text.graph}
          plan={plan}
          looks={looks}
          selected={chosen && assetId(chosen)}
          onSelect={select}
          subject="assets"
        />
      )}
    </div>
  );
}

function List({ assets, chosen, choose }: Choice) {
  const text = useWords(words);
  return (
    <table className={css.list} aria-label={text.list}>
      <thead>
        <tr>
          <th>{text.uri}</th>
          <th>{text.producers}</th>
          <th>{text.consumers}</th>
        </tr>
      </thead>
      <tbody>
        {assets.map((asset) => (
          <tr key={asset.uri} className={asset.uri === chosen ? css.chosen : undefined}>
            <td>
              <button
                type="button"
                aria-pressed={asset.uri === chosen}
                onClick={() => choose(asset.uri)}
              >
                {asset.uri}
              </button>
            </td>
            <td>
              {asset.producing_tasks.map((task) => (
                <DagLink key={`${task.dag_id}.${task.task_id}`} id={task.dag_id} />
              ))}
            </td>
            <td>
              {asset.consuming_dags.map((dag) => (
                <DagLink key={dag.dag_id} id={dag.dag_id} />
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function DagLink({ id }: { id: string }) {
  return (
    <Link className={css.dag} to="/dags/$dagId" params={{ dagId: id }}>
      {id}
    </Link>
  );
}

function Events({ asset }: { asset: Asset }) {
  const text = useWords(words);
  const may = useMay();
  const [isAsking, setAsking] = useState(false);
  const query = { dataset_id: asset.id, limit: 20, order_by: "-timestamp" };
  const found = api.useQuery(
    "get",
    "/datasets/events",
    { params: { query } },
    { meta: { live: "any" } },
  );
  const events = (found.data as Schemas["DatasetEventCollection"] | undefined)?.dataset_events;
  return (
    <>
      <div className={css.head}>
        <h2>{text.events(asset.uri)}</h2>
        {may("can_create", "Datasets") && (
          <Button onClick={() => setAsking(true)}>{text.create}</Button>
        )}
      </div>
      {found.isError && <Failure error={found.error} />}
      {events?.length === 0 && <p className={css.soft}>{text.noEvents}</p>}
      {events && events.length > 0 && <EventList events={events} />}
      {isAsking && <Create asset={asset} onClose={() => setAsking(false)} />}
    </>
  );
}

function EventList({ events }: { events: Schemas["DatasetEvent"][] }) {
  const text = useWords(words);
  return (
    <table className={css.list}>
      <thead>
        <tr>
          <th>{text.when}</th>
          <th>{text.source}</th>
          <th>{text.runs}</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.id}>
            <td>
              <Moment at={event.timestamp} />
            </td>
            <td>
              {event.source_dag_id
                ? `${event.source_dag_id}.${event.source_task_id ?? ""}`
                : text.outside}
            </td>
            <td>
              {event.created_dagruns.map((run) => (
                <DagLink key={run.dag_id + run.run_id} id={run.dag_id} />
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Show who waits for the asset before it counts as updated. */
function Create({ asset, onClose }: { asset: Asset; onClose: () => void }) {
  const text = useWords(words);
  const { ask } = useText();
  const post = api.useMutation("post", "/datasets/events");
  const create = () =>
    post.mutate(
      { body: { dataset_uri: asset.uri, extra: null } },
      {
        onError: regret,
        onSuccess: () => {
          said(text.created(asset.uri));
          void cache.invalidateQueries({ queryKey: ["get", "/datasets/events"] });
          onClose();
        },
      },
    );
  return (
    <Dialog
      title={text.create}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{ask.cancel}</Button>
          <Button look="main" disabled={post.isPending} onClick={create}>
            {text.create}
          </Button>
        </>
      }
    >
      <p>{asset.uri}</p>
      <p>{text.sure(asset.consuming_dags.length)}</p>
      <p>
        {asset.consuming_dags.map((dag) => (
          <DagLink key={dag.dag_id} id={dag.dag_id} />
        ))}
      </p>
    </Dialog>
  );
}
