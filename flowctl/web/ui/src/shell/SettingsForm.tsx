import { Field } from "@/parts/Field";
import { changeSettings, type Settings, useSettings } from "@/settings/settings";
import { useText } from "@/text/text";
import css from "./shell.module.css";

export function SettingsForm() {
  const text = useText();
  const { theme, language, zone } = useSettings();
  return (
    <div className={css.settings}>
      <Field name={text.settings.theme}>
        <select
          value={theme}
          onChange={(event) => changeSettings({ theme: event.target.value as Settings["theme"] })}
        >
          {Object.entries(text.settings.themes).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </Field>
      <Field name={text.settings.language}>
        <select
          value={language}
          onChange={(event) =>
            changeSettings({ language: event.target.value as Settings["language"] })
          }
        >
          <option value="en">English</option>
          <option value="ko">한국어</option>
        </select>
      </Field>
      <Field name={text.settings.zone}>
        <select value={zone} onChange={(event) => changeSettings({ zone: event.target.value })}>
          <option value="UTC">UTC</option>
          <option value="local">
            {text.settings.localZone} ({Intl.DateTimeFormat().resolvedOptions().timeZone})
          </option>
          {Intl.supportedValuesOf("timeZone").map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
    </div>
  );
}
