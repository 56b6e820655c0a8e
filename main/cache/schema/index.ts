import { createTables } from './0001-tables.ts';
import type { Migration } from './migrate.ts';

/** The cache's migrations, oldest first. Only ever append. */
export const cacheMigrations: readonly Migration[] = [createTables];
