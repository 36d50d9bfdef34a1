/** The options of the configuration, secrets masked. */

import { client, type Schemas } from "@/api/client";
import { ListPage } from "@/parts/ListPage";
import { Empty } from "@/parts/Notice";
import { Worded } from "@/parts/Worded";
import { useMay } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import { words } from "./words";

interface Option {
  section: string;
  key: string;
  value: string;
}

export function Options() {
  const text = useWords(words);
  const { nav } = useText();
  const may = useMay();
  return (
    <ListPage<Option>
      title={nav.config}
      queryKey={["config"]}
      empty={text.empty.config}
      kept={
        may("can_read", "Configurations") && (
          <Empty title={text.kept}>
            <p>
              <Worded words={text.keptHint} />
            </p>
            <pre>{"[webserver]\nexpose_config = True"}</pre>
          </Empty>
        )
      }
      keyOf={(option) => `${option.section} ${option.key}`}
      read={async ({ limit, offset }) => {
        const { data } = await client.GET("/config", { headers: { Accept: "application/json" } });
        const { sections } = data as unknown as Schemas["ConfigSections"];
        const rows = sections.flatMap(({ name, options }) =>
          options.map((option) => ({ section: name, ...option })),
        );
        return { rows: rows.slice(offset, offset + limit), total: rows.length };
      }}
      columns={[
        { name: text.section, cell: (option) => option.section },
        { name: text.name, cell: (option) => <code>{option.key}</code> },
        { name: text.value, cell: (option) => <code>{option.value}</code> },
      ]}
    />
  );
}
