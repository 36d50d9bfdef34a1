/** How a process ended and what it used, in few words. */

/** Names of the signals that end processes on Linux. */
const SIGNALS: Record<number, string> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  31: "SIGSYS",
};

interface End {
  exit_code: number | null;
  signal: number | null;
}

/** Return the signal or the exit code that a process ended with; "" while it runs. */
export function ending({ exit_code, signal }: End, exit: (code: number) => string): string {
  if (signal) return SIGNALS[signal] ?? `signal ${signal}`;
  return exit_code === null ? "" : exit(exit_code);
}

const STEPS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Return a size in the largest unit of which there is one. */
export function size(bytes: number): string {
  const step = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), STEPS.length - 1);
  const value = bytes / 2 ** (10 * step);
  return `${value < 10 && step > 0 ? value.toFixed(1) : Math.round(value)} ${STEPS[step]}`;
}
