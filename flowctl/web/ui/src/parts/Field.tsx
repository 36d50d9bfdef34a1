import type { ReactNode } from "react";
import css from "./parts.module.css";

/** One input with its name; the name is its label. */
export function Field({
  name,
  hint,
  children,
}: {
  name: string;
  hint?: string;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is what it is given
    <label className={css.field}>
      <span className={css.fieldName}>{name}</span>
      {children}
      {hint && <span className={css.hint}>{hint}</span>}
    </label>
  );
}

interface SwitchProps {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  isDisabled?: boolean;
}

export function Switch({ label, isOn, onChange, isDisabled = false }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      aria-label={label}
      title={label}
      disabled={isDisabled}
      className={css.switch}
      onClick={() => onChange(!isOn)}
    />
  );
}
