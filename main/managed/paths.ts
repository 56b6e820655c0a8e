/** Values under their names, in groups of groups. */
export interface Group {
  [name: string]: unknown;
}

/** Where the value of a path stands, with the groups on the way made. */
export function placeOf(root: Group, path: readonly string[]): { group: Group; name: string } {
  let group = root;
  for (const name of path.slice(0, -1)) {
    group[name] ??= {};
    group = group[name] as Group;
  }
  return { group, name: path.at(-1) ?? '' };
}

/** The value of a setting in a whole policy. */
export function settingIn(policy: object, key: string): unknown {
  return key.split('.').reduce((value: unknown, name) => (value as Group)[name], policy);
}
