/** The pools: how many slots each has, who holds them, who waits for one. */

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { cache, client } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { ListPage } from "@/parts/ListPage";
import { colour } from "@/parts/StateMark";
import { said } from "@/parts/toasts";
import { useText, useWords } from "@/text/text";
import { AddButton } from "../AddButton";
import { CLOSED, useAddress } from "../address";
import css from "../admin.module.css";
import { RowActions } from "../RowActions";
import { PoolForm } from "./PoolForm";
import { isUnlimited, parts, type Pool } from "./slots";
import { words } from "./words";

const RESOURCE = "Pools";
const KEY = "pools";
const LOOK_EVERY_MS = 5_000;

export function Pools() {
  const text = useWords(words);
  const { nav, ask } = useText();
  const [{ edit, add }, go] = useAddress();
  const [removing, setRemoving] = useState<Pool | undefined>();
  return (
    <>
      <ListPage<Pool>
        title={nav.pools}
        queryKey={[KEY]}
        empty={text.empty}
        refetchMs={LOOK_EVERY_MS}
        keyOf={(pool) => pool.name}
        read={async (query) => {
          const { data } = await client.GET("/pools", { params: { query } });
          return { rows: data?.pools ?? [], total: data?.total_entries ?? 0 };
        }}
        tools={<AddButton resource={RESOURCE} onClick={() => go({ add: true })} />}
        columns={[
          { name: text.name, cell: (pool) => <strong>{pool.name}</strong> },
          {
            name: text.slots,
            cell: (pool) => (isUnlimited(pool) ? text.unlimited : pool.slots),
            isNumber: true,
          },
          { name: text.use, cell: (pool) => <Use pool={pool} /> },
          {
            name: text.waiting,
            cell: (pool) =>
              pool.scheduled_slots > 0 && (
                <Link to="/tasks" search={{ pool: pool.name, state: "scheduled" }}>
                  {text.scheduled(pool.scheduled_slots)}
                </Link>
              ),
          },
          { name: text.description, cell: (pool) => pool.description },
        ]}
        actions={(pool) => (
          <RowActions
            resource={RESOURCE}
            name={pool.name}
            stays={pool.name === "default_pool" ? text.defaultStays : undefined}
            onEdit={() => go({ edit: pool.name })}
            onDelete={() => setRemoving(pool)}
          />
        )}
      />
      {(add || edit !== undefined) && (
        <PoolForm
          key={edit ?? "+"}
          name={edit}
          onClose={() => go(CLOSED)}
          onSaved={async (name) => {
            await cache.invalidateQueries({ queryKey: [KEY] });
            said(text.saved(name));
          }}
        />
      )}
      {removing && (
        <ActDialog
          title={text.deleteTitle(removing.name)}
          doIt={ask.delete}
          look="danger"
          onClose={() => setRemoving(undefined)}
          act={async () => {
            await client.DELETE("/pools/{pool_name}", {
              params: { path: { pool_name: removing.name } },
            });
            await cache.invalidateQueries({ queryKey: [KEY] });
            said(text.deleted(removing.name));
          }}
        >
          <p>{text.deleteHint}</p>
          {removing.occupied_slots > 0 && <p>{text.deleteHeld(removing.occupied_slots)}</p>}
        </ActDialog>
      )}
    </>
  );
}

/** A bar of what holds the slots; its legend leads to the tasks. */
function Use({ pool }: { pool: Pool }) {
  const text = useWords(words);
  const found = parts(pool);
  return (
    <>
      <div className={css.slots} aria-hidden="true">
        {found.map(({ state, slots }) => (
          <span
            key={state}
            style={{
              flexGrow: slots,
              background: state === "open" ? "transparent" : colour(state),
            }}
          />
        ))}
      </div>
      <div className={css.legend}>
        {found.map(({ state, slots }) =>
          state === "open" ? (
            <span key={state}>{text.parts.open(slots)}</span>
          ) : (
            <Link key={state} to="/tasks" search={{ pool: pool.name, state }}>
              {text.parts[state](slots)}
            </Link>
          ),
        )}
      </div>
    </>
  );
}
