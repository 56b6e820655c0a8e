/** Commands that were chosen, the last one first. It ends with the page, which a lock reloads. */
let chosen: readonly string[] = [];

const KEPT_MAX = 20;

export function noteChosen(id: string): void {
  chosen = [id, ...chosen.filter((one) => one !== id)].slice(0, KEPT_MAX);
}

/** The place of a command among those that were chosen; later than all where it never was. */
export function recency(id: string): number {
  const at = chosen.indexOf(id);
  return at < 0 ? KEPT_MAX : at;
}
