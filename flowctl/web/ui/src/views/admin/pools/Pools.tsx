/** The pools: how many slots each has, who holds them, who waits for one. */

import { Link } from "@tanstack/react-router";
import { client } from "@/api/client";
import { colour } from "@/parts/StateMark";
import { useText, useWords } from "@/text/text";
import css from "../admin.module.css";
import { Records } from "../Records";
import { PoolForm } from "./PoolForm";
import { isUnlimited, parts, type Pool } from "./slots";
import { words } from "./words";

const LOOK_EVERY_MS = 5_000;

export function Pools() {
  const text = useWords(words);
  return (
    <Records<Pool>
      title={useText().nav.pools}
      path="/pools"
      resource="Pools"
      text={text}
      nameOf={(pool) => pool.name}
      form={PoolForm}
      refetchMs={LOOK_EVERY_MS}
      read={async (query) => {
        const { data } = await client.GET("/pools", { params: { query } });
        return { rows: data?.pools ?? [], total: data?.total_entries ?? 0 };
      }}
      remove={(name) =>
        client.DELETE("/pools/{pool_name}", { params: { path: { pool_name: name } } })
      }
      stays={(pool) => (pool.name === "default_pool" ? text.defaultStays : undefined)}
      warning={(pool) => pool.occupied_slots > 0 && <p>{text.deleteHeld(pool.occupied_slots)}</p>}
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
    />
  );
}

/** A bar of what holds the slots; its legend leads to the tasks. */
function Use({ pool }: { pool: Pool }) {
  const text = useWords(words);
  const found = parts(pool);
  return (
    <div>
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
    </div>
  );
}
