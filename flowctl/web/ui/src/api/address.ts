/** The address of a route with its parameters, as the API reads it. */

export type Parameters = Record<string, unknown>;

function written(value: unknown): string {
  return [value]
    .flat()
    .map((one) => encodeURIComponent(String(one)))
    .join();
}

/** Put parameters in the places of a route, and those it asks for behind it.
 *
 * A list is written with commas. What is not known, and a list without anything in it, is left out.
 */
export function addressOf(route: string, path: Parameters = {}, query: Parameters = {}): string {
  const place = route.replace(/\{(\w+)\}/g, (_, name: string) => written(path[name]));
  const asked = Object.entries(query)
    .filter(([, value]) => [value].flat().length > 0 && value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${written(value)}`);
  return asked.length > 0 ? `${place}?${asked.join("&")}` : place;
}
