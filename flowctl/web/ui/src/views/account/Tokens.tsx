/** One's own tokens: made with a scope and an end, shown once, revoked. */

import { useState } from "react";
import { api, cache, client, type Schemas } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { Button } from "@/parts/Button";
import { DataTable } from "@/parts/DataTable";
import { Dialog } from "@/parts/Dialog";
import { Field } from "@/parts/Field";
import { Failure } from "@/parts/Notice";
import { said } from "@/parts/toasts";
import { useText, useWords } from "@/text/text";
import { Moment, useNow } from "@/time/useMoment";
import css from "@/views/admin/admin.module.css";
import { words } from "./words";

type Token = Schemas["TokenShown"];

function reread(): Promise<void> {
  return cache.invalidateQueries({ queryKey: ["get", "/me/tokens"] });
}

export function Tokens() {
  const text = useWords(words);
  const now = useNow(false);
  const found = api.useQuery("get", "/me/tokens");
  const [isMaking, setMaking] = useState(false);
  const [secret, setSecret] = useState("");
  const [revoking, setRevoking] = useState<Token | undefined>();
  const rows = found.data?.tokens ?? [];
  return (
    <section className={css.section} aria-labelledby="account-tokens">
      <div className={css.inline}>
        <h2 id="account-tokens">{text.tokens}</h2>
        <Button onClick={() => setMaking(true)}>{text.make}</Button>
      </div>
      <p>{found.data && rows.length === 0 ? text.noTokens : text.tokensHint}</p>
      {found.isError && <Failure error={found.error} />}
      {rows.length > 0 && (
        <DataTable<Token>
          label={text.tokens}
          rows={rows}
          keyOf={(token) => String(token.id)}
          columns={[
            { name: text.tokenName, cell: (token) => <strong>{token.name}</strong> },
            {
              name: text.scope,
              cell: (token) => text.scopes[token.is_read_only ? "read" : "all"],
            },
            { name: text.created, cell: (token) => <Moment at={token.created_at} /> },
            {
              name: text.expires,
              cell: (token) => (
                <>
                  <Moment at={token.expires_at} />
                  {Date.parse(token.expires_at ?? "") < now && ` (${text.over})`}
                </>
              ),
            },
            {
              name: text.used,
              cell: (token) =>
                token.last_used_at ? <Moment at={token.last_used_at} /> : text.never,
            },
          ]}
          actions={(token) => (
            <Button aria-label={`${text.revoke} ${token.name}`} onClick={() => setRevoking(token)}>
              {text.revoke}
            </Button>
          )}
        />
      )}
      {isMaking && <Make onClose={() => setMaking(false)} onMade={setSecret} />}
      {secret && <Secret value={secret} onClose={() => setSecret("")} />}
      {revoking && (
        <ActDialog
          title={text.revokeTitle(revoking.name)}
          doIt={text.revoke}
          look="danger"
          onClose={() => setRevoking(undefined)}
          act={async () => {
            await client.DELETE("/me/tokens/{token_id}", {
              params: { path: { token_id: revoking.id } },
            });
            await reread();
            said(text.revoked(revoking.name));
          }}
        >
          <p>{text.revokeHint}</p>
        </ActDialog>
      )}
    </section>
  );
}

const DAYS_MAX = 3660;

function Make({ onClose, onMade }: { onClose: () => void; onMade: (secret: string) => void }) {
  const text = useWords(words);
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [isReadOnly, setReadOnly] = useState(true);
  return (
    <ActDialog
      title={text.make}
      doIt={text.make}
      onClose={onClose}
      act={async () => {
        const body = { name, days: Number(days), is_read_only: isReadOnly };
        const { data } = await client.POST("/me/tokens", { body });
        await reread();
        onMade(data?.token ?? "");
      }}
    >
      <Field name={text.tokenName}>
        <input
          required
          maxLength={250}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field name={text.scope}>
        <select
          value={isReadOnly ? "read" : "all"}
          onChange={(event) => setReadOnly(event.target.value === "read")}
        >
          <option value="read">{text.scopes.read}</option>
          <option value="all">{text.scopes.all}</option>
        </select>
      </Field>
      <Field name={text.days}>
        <input
          type="number"
          required
          min={1}
          max={DAYS_MAX}
          value={days}
          onChange={(event) => setDays(event.target.value)}
        />
      </Field>
    </ActDialog>
  );
}

function Secret({ value, onClose }: { value: string; onClose: () => void }) {
  const text = useWords(words);
  const { ask } = useText();
  const [isCopied, setCopied] = useState(false);
  return (
    <Dialog
      title={text.yourToken}
      onClose={onClose}
      foot={
        <>
          {navigator.clipboard && (
            <Button
              onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
            >
              {isCopied ? ask.copied : ask.copy}
            </Button>
          )}
          <Button look="main" onClick={onClose}>
            {text.done}
          </Button>
        </>
      }
    >
      <p>{text.made}</p>
      <code className={css.secret}>{value}</code>
    </Dialog>
  );
}
