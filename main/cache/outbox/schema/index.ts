import type { Migration } from '../../schema/migrate.ts';
import { createChanges } from './0001-changes.ts';
import { createDrafts } from './0002-drafts.ts';
import { addDraftLabels } from './0003-draft-labels.ts';
import { addDraftTypes } from './0004-draft-types.ts';
import { createTransfers } from './0005-transfers.ts';
import { createFieldKey } from './0006-field-key.ts';
import { addSealedDrafts } from './0007-sealed-drafts.ts';
import { addProvenance } from './0008-provenance.ts';
import { createNumbered } from './0009-numbered.ts';
import { addKnownVisits } from './0010-known-visits.ts';
import { createDropped } from './0011-dropped.ts';

/** The outbox's migrations, oldest first. Only ever append. */
export const outboxMigrations: readonly Migration[] = [
  createChanges,
  createDrafts,
  addDraftLabels,
  addDraftTypes,
  createTransfers,
  createFieldKey,
  addSealedDrafts,
  addProvenance,
  createNumbered,
  addKnownVisits,
  createDropped,
];
