import { labelsText } from '../ingest/labels.ts';
import { encryptedPaths, parseExact, text } from '../json.ts';
import type { ReadDb } from '../open.ts';
import { sql } from '../statements.ts';
import { valueMask, valueWithUnit } from '../views/observations.ts';
import { termOf } from './sections.ts';

const CORRECTED: readonly (string | undefined)[] = ['corrected', 'amended'];
const VERSIONS_MAX = 10;

/**
 * What a corrected value was before, of the newest version that this workstation had with another value; null where it
 * had none. A version of other security labels may not be for whoever sees this one, and what is masked stays so.
 */
export function beforeCorrection(db: ReadDb, resource: unknown): string | null {
  if (!CORRECTED.includes(text(resource, 'status'))) return null;
  const now = valueWithUnit(resource);
  const labels = labelsText(resource);
  const bodies = sql(db, `SELECT body FROM history WHERE type = ? AND id = ? ORDER BY hid DESC LIMIT ${VERSIONS_MAX}`)
    .pluck()
    .all(termOf(db, 'Observation'), text(resource, 'id') ?? '') as string[];
  for (const body of bodies) {
    const version = parseExact(body);
    if (labelsText(version) !== labels || valueMask(version) || encryptedPaths(version).length > 0) continue;
    const before = valueWithUnit(version);
    if (before !== now) return before;
  }
  return null;
}
