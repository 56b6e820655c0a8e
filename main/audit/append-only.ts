/** The triggers that keep the rows of a table from being changed and deleted; SQL. */
export function appendOnly(table: string): string {
  return ['UPDATE', 'DELETE']
    .map(
      (change) => `
  CREATE TRIGGER ${table}_is_append_only_${change.toLowerCase()} BEFORE ${change} ON ${table}
    BEGIN SELECT RAISE(ABORT, 'append only'); END;`,
    )
    .join('');
}
