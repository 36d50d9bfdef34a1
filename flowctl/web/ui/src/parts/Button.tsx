import type { ButtonHTMLAttributes } from "react";
import css from "./parts.module.css";

interface Looks extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** "main" for the one thing to do here, "danger" for what cannot be taken back. */
  look?: "plain" | "main" | "danger" | "quiet";
}

export function Button({ look = "plain", type = "button", className, ...rest }: Looks) {
  return (
    <button
      type={type}
      className={`${css.button} ${css[look] ?? ""} ${className ?? ""}`}
      {...rest}
    />
  );
}

/** A button that shows only a sign; its `label` is what it is called. */
export function IconButton({ label, className, ...rest }: Looks & { label: string }) {
  return (
    <Button
      look="quiet"
      aria-label={label}
      title={label}
      className={`${css.icon} ${className ?? ""}`}
      {...rest}
    />
  );
}
