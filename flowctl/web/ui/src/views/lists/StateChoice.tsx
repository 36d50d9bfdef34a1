import { useText, useWords } from "@/text/text";
import { words } from "./words";

interface Props {
  value: string;
  states: string[];
  onChange: (state: string) => void;
}

export function StateChoice({ value, states, onChange }: Props) {
  const text = useWords(words);
  const named = useText().states;
  return (
    <select
      aria-label={text.state}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{text.anyState}</option>
      {states.map((state) => (
        <option key={state} value={state}>
          {named[state]}
        </option>
      ))}
    </select>
  );
}
