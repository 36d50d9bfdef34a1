import { cloneElement, type ReactElement, type ReactNode, useId } from "react";
import css from "./parts.module.css";

/** One input with its name, which is its label; a hint describes it. */
export function Field({
  name,
  hint,
  children,
}: {
  name: string;
  hint?: string;
  children: ReactElement<{ "aria-describedby"?: string }>;
}) {
  const id = useId();
  return (
    <div className={css.field}>
      <label className={css.field}>
        <span className={css.fieldName}>{name}</span>
        {hint ? cloneElement(children, { "aria-describedby": id }) : children}
      </label>
      {hint && (
        <span id={id} className={css.hint}>
          {hint}
        </span>
      )}
    </div>
  );
}

/** Fields side by side where there is room. */
export function Fields({ children }: { children: ReactNode }) {
  return <div className={css.row}>{children}</div>;
}

interface CheckProps {
  name: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  isDisabled?: boolean;
}

export function Check({ name, isOn, onChange, isDisabled = false }: CheckProps) {
  return (
    <label className={css.check}>
      <input
        type="checkbox"
        checked={isOn}
        disabled={isDisabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      {name}
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
