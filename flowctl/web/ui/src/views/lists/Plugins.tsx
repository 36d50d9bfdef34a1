/** The plugins that are loaded. */

import { client } from "@/api/client";
import { Folded, ListPage } from "@/parts/ListPage";
import { useText, useWords } from "@/text/text";
import { words } from "./words";

interface Plugin {
  name?: string;
  source?: string;
}

export function Plugins() {
  const text = useWords(words);
  const { nav } = useText();
  return (
    <ListPage<Plugin>
      title={nav.plugins}
      queryKey={["plugins"]}
      empty={text.empty.plugins}
      keyOf={(plugin) => plugin.name ?? ""}
      read={async (query) => {
        const { data } = await client.GET("/plugins", { params: { query } });
        return { rows: (data?.plugins ?? []) as Plugin[], total: data?.total_entries ?? 0 };
      }}
      columns={[
        { name: text.name, cell: (plugin) => plugin.name },
        { name: text.file, cell: (plugin) => <code>{plugin.source}</code> },
        {
          name: text.hooks,
          cell: (plugin) => (
            <Folded summary={text.details}>{JSON.stringify(plugin, null, 2)}</Folded>
          ),
        },
      ]}
    />
  );
}
