/** A few choices in one row, of which one is taken. */

import css from "./parts.module.css";

interface Props {
  label: string;
  choices: readonly number[];
  chosen: number;
  name: (choice: number) => string;
  onChoose: (choice: number) => void;
}

export function Segments({ label, choices, chosen, name, onChoose }: Props) {
  return (
    <div role="group" aria-label={label} className={css.segments}>
      {choices.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === chosen}
          onClick={() => {
            onChoose(one);
          }}
        >
          {name(one)}
        </button>
      ))}
    </div>
  );
}
