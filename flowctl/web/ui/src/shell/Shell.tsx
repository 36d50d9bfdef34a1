/** What is around every page: the bar above, banners about the system's health, the session. */

import { Link, Outlet } from "@tanstack/react-router";
import { ChevronDown, Menu as Lines, Settings2, UserRound } from "lucide-react";
import { useEffect } from "react";
import { follow } from "@/api/live";
import { Menu, menuItem } from "@/parts/Menu";
import { Failure } from "@/parts/Notice";
import { Toasts } from "@/parts/toasts";
import { useText } from "@/text/text";
import { Login } from "@/views/login/Login";
import { HealthBanner } from "./HealthBanner";
import { ADMIN, BROWSE, type Entry, MAIN } from "./places";
import { SettingsForm } from "./SettingsForm";
import { logOut, Mine, useMay, useMe } from "./session";
import css from "./shell.module.css";

let isFollowing = false;

export function Shell() {
  const me = useMe();
  const isIn = Boolean(me.data);
  useEffect(() => {
    if (!isIn || isFollowing) return;
    isFollowing = true;
    follow();
  }, [isIn]);
  if (me.isPending) return me.failureReason ? <Failure error={me.failureReason} /> : null;
  if (me.isError) return <Failure error={me.error} retry={() => void me.refetch()} />;
  if (!me.data) return <Login />;
  return (
    <Mine value={me.data}>
      <div className={css.shell}>
        <Bar username={me.data.username} />
        <HealthBanner />
        <main id="content" className={css.content} tabIndex={-1}>
          <Outlet />
        </main>
        <Toasts />
      </div>
    </Mine>
  );
}

function Bar({ username }: { username: string }) {
  const text = useText();
  return (
    <header className={css.bar}>
      <a href="#content" className={css.skip}>
        {text.nav.skip}
      </a>
      <Link to="/dags" className={css.brand}>
        <Mark />
        {text.appName}
      </Link>
      <nav className={css.nav} aria-label={text.nav.label}>
        <Links entries={MAIN} />
        <Group label={text.nav.browse} entries={BROWSE} />
        <Group label={text.nav.admin} entries={ADMIN} />
      </nav>
      <div className={css.narrow}>
        <Menu label={text.nav.label} face={<Lines size={18} />}>
          <Links entries={[...MAIN, ...BROWSE, ...ADMIN]} className={menuItem} />
        </Menu>
      </div>
      <span className={css.space} />
      <Menu label={text.settings.title} face={<Settings2 size={18} />}>
        <SettingsForm />
      </Menu>
      <Menu label={text.settings.accountOf(username)} face={<UserRound size={18} />}>
        <p className={css.who}>{username}</p>
        <Link to="/account" className={menuItem}>
          {text.settings.account}
        </Link>
        <button type="button" className={menuItem} onClick={() => void logOut()}>
          {text.login.out}
        </button>
      </Menu>
    </header>
  );
}

function Links({
  entries,
  className = css.place,
}: {
  entries: Entry[];
  className?: string | undefined;
}) {
  const text = useText();
  const may = useMay();
  return entries
    .filter((entry) => !entry.needs || may("can_read", entry.needs))
    .map((entry) => (
      <Link
        key={entry.to}
        to={entry.to}
        className={className}
        activeProps={{ "aria-current": "page" }}
      >
        {text.nav[entry.name] as string}
      </Link>
    ));
}

function Group({ label, entries }: { label: string; entries: Entry[] }) {
  const may = useMay();
  if (!entries.some((entry) => !entry.needs || may("can_read", entry.needs))) return null;
  return (
    <Menu label={label} face={<Face words={label} />} className={css.place}>
      <Links entries={entries} className={menuItem} />
    </Menu>
  );
}

function Face({ words }: { words: string }) {
  return (
    <>
      {words}
      <ChevronDown size={14} aria-hidden="true" />
    </>
  );
}

function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent-fill)" />
      <path
        d="M8 10h7a4 4 0 0 1 4 4v4a4 4 0 0 0 4 4h1M19 14l5-4"
        fill="none"
        stroke="#fff"
        strokeWidth="2.8"
        strokeLinecap="round"
      />
    </svg>
  );
}
