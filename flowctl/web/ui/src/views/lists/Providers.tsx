/** The provider packages that are installed. */

import { client, type Schemas } from "@/api/client";
import { ListPage } from "@/parts/ListPage";
import { useText, useWords } from "@/text/text";
import { words } from "./words";

export function Providers() {
  const text = useWords(words);
  const { nav } = useText();
  return (
    <ListPage<Schemas["Provider"]>
      title={nav.providers}
      queryKey={["providers"]}
      empty={text.empty.providers}
      keyOf={(provider) => provider.package_name}
      read={async () => {
        const { data } = await client.GET("/providers");
        return { rows: data?.providers ?? [], total: data?.total_entries ?? 0 };
      }}
      columns={[
        { name: text.name, cell: (provider) => provider.package_name },
        { name: text.version, cell: (provider) => provider.version },
        { name: text.description, cell: (provider) => provider.description },
      ]}
    />
  );
}
