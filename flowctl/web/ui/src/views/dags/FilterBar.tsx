import { Star } from "lucide-react";
import type { Schemas } from "@/api/client";
import { SearchField } from "@/parts/SearchField";
import { StateSign } from "@/parts/StateMark";
import { useText, useWords } from "@/text/text";
import css from "./dags.module.css";
import type { Filters } from "./filters";
import { words } from "./words";

const STATES = ["failed", "running", "queued", "success"];

interface Props {
  filters: Filters;
  choices: Schemas["DagChoices"] | undefined;
  onChange: (filters: Filters) => void;
  count: string | undefined;
}

function without(filters: Filters, name: keyof Filters): Filters {
  return Object.fromEntries(Object.entries(filters).filter(([known]) => known !== name));
}

export function FilterBar({ filters, choices, onChange, count }: Props) {
  const text = useWords(words);
  const { states } = useText();
  const set = (name: keyof Filters, value: string) =>
    onChange(value ? { ...filters, [name]: value } : without(filters, name));
  const counted = (state: string) => choices?.states.find((one) => one.name === state)?.dags ?? 0;
  const shows = [
    { name: "", words: text.all, dags: choices?.total },
    { name: "active", words: text.active, dags: choices && choices.total - choices.paused },
    { name: "paused", words: text.paused, dags: choices?.paused },
    { name: "favourites", words: text.favourites, dags: undefined },
  ];
  return (
    <search className={css.filters}>
      <SearchField
        label={text.search}
        value={filters.search ?? ""}
        onChange={(value) => set("search", value)}
      />
      <div className={css.chips} role="group" aria-label={text.columns.schedule}>
        {shows.map((one) => (
          <Chip
            key={one.name}
            isOn={(filters.show ?? "") === one.name}
            onClick={() => set("show", one.name)}
          >
            {one.name === "favourites" && <Star size={13} aria-hidden="true" />}
            {one.words} {one.dags !== undefined && <b>{one.dags}</b>}
          </Chip>
        ))}
      </div>
      <div className={css.chips} role="group" aria-label={text.lastRun}>
        {STATES.map((state) => (
          <Chip
            key={state}
            isOn={filters.state === state}
            onClick={() => set("state", filters.state === state ? "" : state)}
          >
            <StateSign state={state} size={12} />
            {states[state]} <b>{counted(state)}</b>
          </Chip>
        ))}
      </div>
      <Choice
        label={text.tag}
        any={text.anyTag}
        value={filters.tag}
        choices={choices?.tags}
        onChange={(value) => set("tag", value)}
      />
      <Choice
        label={text.owner}
        any={text.anyOwner}
        value={filters.owner}
        choices={choices?.owners}
        onChange={(value) => set("owner", value)}
      />
      <output className={css.count}>{count}</output>
    </search>
  );
}

interface ChipProps {
  isOn: boolean;
  onClick: () => void;
  children: React.ReactNode;
}

function Chip({ isOn, onClick, children }: ChipProps) {
  return (
    <button type="button" className={css.chip} aria-pressed={isOn} onClick={onClick}>
      {children}
    </button>
  );
}

interface ChoiceProps {
  label: string;
  any: string;
  value: string | undefined;
  choices: Schemas["Choice"][] | undefined;
  onChange: (value: string) => void;
}

function Choice({ label, any, value = "", choices = [], onChange }: ChoiceProps) {
  const isKnown = !value || choices.some((one) => one.name === value);
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{any}</option>
      {!isKnown && <option>{value}</option>}
      {choices.map((one) => (
        <option key={one.name} value={one.name}>
          {one.name} ({one.dags})
        </option>
      ))}
    </select>
  );
}
