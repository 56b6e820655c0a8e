import { createTables } from './0001-tables.ts';
import { createSearchTables } from './0002-search.ts';
import { createSyncTables } from './0003-sync.ts';
import { createDeletionsColumn } from './0004-deletions.ts';
import { createLabels } from './0005-labels.ts';
import { createIdKeys } from './0006-id-keys.ts';
import { createDocumentKeys } from './0007-document-keys.ts';
import { createSealedFields } from './0008-sealed-fields.ts';
import { separateFiles } from './0009-files.ts';
import { createPast } from './0010-past.ts';
import { createLists } from './0011-lists.ts';
import { refreshSearch } from './0012-search.ts';
import { createTotals } from './0013-totals.ts';
import { createFailures } from './0014-failures.ts';
import { createTold } from './0015-told.ts';
import type { Migration } from './migrate.ts';

/** The cache's migrations, oldest first. Only ever append. */
export const cacheMigrations: readonly Migration[] = [
  createTables,
  createSearchTables,
  createSyncTables,
  createDeletionsColumn,
  createLabels,
  createIdKeys,
  createDocumentKeys,
  createSealedFields,
  separateFiles,
  createPast,
  createLists,
  refreshSearch,
  createTotals,
  createFailures,
  createTold,
];
