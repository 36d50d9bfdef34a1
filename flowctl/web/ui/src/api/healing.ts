/** What can go wrong with a request, and what heals by itself. */

/** What the API answers when it does not do what it was asked for. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** Nobody answered. */
export class Unreachable extends Error {}

const TRIES_MAX = 3;
const AWAY = [502, 503, 504]; // of a proxy without its server, of a server without its metastore

/** Say whether a request that failed so often is repeated.
 *
 * While the server is away it is asked again and again, and pages keep what they show: whoever
 * gives up would put an error in the place of everything on the page.
 */
export function mayHeal(count: number, error: unknown): boolean {
  if (error instanceof Unreachable) return true;
  if (!(error instanceof Refused)) return count < TRIES_MAX;
  return AWAY.includes(error.status) || (error.status >= 500 && count < TRIES_MAX);
}

/** Return how long to wait before the next time, in milliseconds. */
export function healsIn(count: number): number {
  return Math.min(1_000 * 2 ** count, 4_000);
}
