/** The inputs of a DAG's Params, by section; what is wrong is said below each. */

import { useId } from "react";
import { useWords } from "@/text/text";
import css from "./actions.module.css";
import { chosenOf, type Field, shownAs, valueOf, type Wrong } from "./params";
import { type ActionWords, words } from "./words";

interface Props {
  fields: Field[];
  texts: Record<string, string>;
  /** Whether it was tried to send the form: only then what is untouched is called wrong. */
  isTried: boolean;
  onChange: (name: string, text: string) => void;
}

export function ParamsForm({ fields, texts, isTried, onChange }: Props) {
  const sections = [...new Set(fields.map((field) => field.section))];
  return sections.map((section) => (
    <fieldset key={section} className={css.section}>
      {section && <legend>{section}</legend>}
      {fields
        .filter((field) => field.section === section)
        .map((field) => (
          <One
            key={field.name}
            field={field}
            text={texts[field.name] ?? ""}
            isTried={isTried}
            onChange={(text) => onChange(field.name, text)}
          />
        ))}
    </fieldset>
  ));
}

interface OneProps {
  field: Field;
  text: string;
  isTried: boolean;
  onChange: (text: string) => void;
}

function One({ field, text, isTried, onChange }: OneProps) {
  const told = useWords(words);
  const id = useId();
  const found = valueOf(field, text);
  const wrong =
    "wrong" in found && (isTried || text !== field.text) ? wordOf(told, found.wrong) : "";
  return (
    <div className={css.param}>
      {field.kind === "some" ? (
        <span className={css.label}>{field.title}</span>
      ) : (
        <label htmlFor={id}>{field.title}</label>
      )}
      <Input id={id} field={field} text={text} isWrong={wrong !== ""} onChange={onChange} />
      {field.kind === "list" && <p className={css.hint}>{told.oneALine}</p>}
      {field.description && <p className={css.hint}>{field.description}</p>}
      {wrong && (
        <p id={`${id}-wrong`} role="alert" className={css.wrong}>
          {wrong}
        </p>
      )}
    </div>
  );
}

const INPUTS: Partial<Record<Field["kind"], string>> = {
  number: "number",
  date: "date",
  time: "time",
};

interface InputProps {
  id: string;
  field: Field;
  text: string;
  isWrong: boolean;
  onChange: (text: string) => void;
}

function Input({ id, field, text, isWrong, onChange }: InputProps) {
  const shared = {
    id,
    "aria-invalid": isWrong,
    ...(isWrong ? { "aria-describedby": `${id}-wrong` } : {}),
  };
  if (field.kind === "yes")
    return (
      <input
        {...shared}
        type="checkbox"
        checked={text === "true"}
        onChange={(event) => onChange(String(event.target.checked))}
      />
    );
  if (field.kind === "one")
    return (
      <select {...shared} value={text} onChange={(event) => onChange(event.target.value)}>
        {field.schema.enum?.map((value) => (
          <option key={JSON.stringify(value)} value={JSON.stringify(value)}>
            {shownAs(field.schema, value)}
          </option>
        ))}
      </select>
    );
  if (field.kind === "some") return <Some {...{ id, field, text, onChange }} />;
  if (["lines", "list", "json"].includes(field.kind))
    return (
      <textarea
        {...shared}
        rows={3}
        value={text}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  return (
    <>
      <input
        {...shared}
        type={INPUTS[field.kind] ?? "text"}
        step="any"
        list={field.schema.examples && `${id}-list`}
        value={text}
        onChange={(event) => onChange(event.target.value)}
      />
      <Examples id={`${id}-list`} field={field} />
    </>
  );
}

/** What may be put in, beside anything else. */
function Examples({ id, field }: { id: string; field: Field }) {
  if (!field.schema.examples) return null;
  return (
    <datalist id={id}>
      {field.schema.examples.map((value) => (
        <option key={String(value)} value={String(value)}>
          {shownAs(field.schema, value)}
        </option>
      ))}
    </datalist>
  );
}

/** A box to tick for each value; what is ticked keeps the order of the values. */
function Some({ id, field, text, onChange }: Omit<InputProps, "isWrong">) {
  const values = field.schema.examples ?? [];
  const chosen = new Set(chosenOf(text).map((value) => JSON.stringify(value)));
  const toggle = (value: string) => {
    if (!chosen.delete(value)) chosen.add(value);
    const known = values.map((one) => JSON.stringify(one));
    const others = [...chosen].filter((one) => !known.includes(one));
    onChange(`[${[...known.filter((one) => chosen.has(one)), ...others].join(",")}]`);
  };
  return (
    <div id={id} role="group" aria-label={field.title} className={css.some}>
      {values.map((value) => (
        <label key={JSON.stringify(value)} className={css.yes}>
          <input
            type="checkbox"
            checked={chosen.has(JSON.stringify(value))}
            onChange={() => toggle(JSON.stringify(value))}
          />
          {shownAs(field.schema, value)}
        </label>
      ))}
    </div>
  );
}

function wordOf(told: ActionWords, [rule, bound]: Wrong): string {
  const found = told.bad[rule] as string | ((bound: unknown) => string);
  return typeof found === "string" ? found : found(bound);
}
