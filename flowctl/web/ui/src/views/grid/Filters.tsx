/** Above the grid: which runs and tasks it shows, and folding. */

import { ChevronsDownUp, ChevronsUpDown, Keyboard } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { useText, useWords } from "@/text/text";
import type { Filter } from "./filter";
import css from "./grid.module.css";
import { words } from "./words";

const STATES = ["queued", "running", "success", "failed"];

interface Props {
  filter: Filter;
  setFilter: (next: Filter) => void;
  groups: string[];
  folded: ReadonlySet<string>;
  setFolded: (folded: Set<string>) => void;
}

export function Filters({ filter, setFilter, groups, folded, setFolded }: Props) {
  const text = useWords(words);
  const shared = useText();
  const [isHelping, setHelping] = useState(false);
  const areFolded = folded.size > 0;
  const none: Filter = {
    state: undefined,
    type: undefined,
    from: undefined,
    to: undefined,
    root: undefined,
  };
  return (
    <div className={css.filters}>
      <Choice
        name={text.state}
        value={filter.state}
        options={STATES.map((state) => [state, shared.states[state] ?? state])}
        onChange={(state) => setFilter({ state })}
      />
      <Choice
        name={text.type}
        value={filter.type}
        options={Object.entries(shared.runTypes)}
        onChange={(type) => setFilter({ type })}
      />
      <Day name={text.from} value={filter.from} onChange={(from) => setFilter({ from })} />
      <Day name={text.to} value={filter.to} onChange={(to) => setFilter({ to })} />
      {filter.root && <code className={css.root}>{filter.root}</code>}
      {Object.values(filter).some(Boolean) && (
        <Button look="quiet" onClick={() => setFilter(none)}>
          {text.clear}
        </Button>
      )}
      <span className={css.space} />
      {groups.length > 0 && (
        <IconButton
          label={areFolded ? text.unfoldAll : text.foldAll}
          onClick={() => setFolded(new Set(areFolded ? [] : groups))}
        >
          {areFolded ? <ChevronsUpDown size={16} /> : <ChevronsDownUp size={16} />}
        </IconButton>
      )}
      <IconButton label={text.keys} onClick={() => setHelping(true)}>
        <Keyboard size={16} />
      </IconButton>
      {isHelping && <Help onClose={() => setHelping(false)} />}
    </div>
  );
}

function Choice(props: {
  name: string;
  value: string | undefined;
  options: [string, string][];
  onChange: (value: string | undefined) => void;
}) {
  const text = useWords(words);
  return (
    <select
      aria-label={props.name}
      value={props.value ?? ""}
      onChange={(event) => props.onChange(event.target.value || undefined)}
    >
      <option value="">
        {props.name}: {text.any}
      </option>
      {props.options.map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  );
}

function Day(props: {
  name: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  return (
    <label className={css.day}>
      {props.name}
      <input
        type="date"
        value={props.value ?? ""}
        onChange={(event) => props.onChange(event.target.value || undefined)}
      />
    </label>
  );
}

export function Help({ onClose }: { onClose: () => void }) {
  const text = useWords(words);
  return (
    <Dialog title={text.keys} onClose={onClose}>
      <dl className={css.help}>
        {text.help.map(([keys, means]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{means}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
