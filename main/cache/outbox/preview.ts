import type { MergedView } from '../../../preload/contract/sync.ts';
import { fieldLayer } from '../fields/layer.ts';
import { factsOf } from '../ingest/facts.ts';
import { parseExact } from '../json.ts';
import type { MergeAsked } from '../operations.ts';
import type { Sight } from '../sight.ts';
import { allergyView } from '../views/allergies.ts';
import { medicationView } from '../views/medications.ts';
import { problemView } from '../views/sections.ts';
import { entryText } from '../views/timeline.ts';
import { lookupOf } from './conflict.ts';
import { mergeOf } from './decide.ts';
import type { Parts } from './follow.ts';
import { rowById } from './rows.ts';

/** A merge as the chart would show it, what is marked in it masked; null where it can't be made. */
export function previewMerge(parts: Parts, asked: MergeAsked & { sight?: Sight | undefined }): MergedView | null {
  const row = rowById(parts.db, asked.id);
  const merged = mergeOf(parts, asked);
  if (!row || !merged) return null;
  const body = fieldLayer(parts.db).masked(merged.body);
  const resource = parseExact(body);
  const lookup = lookupOf(parts, row, asked.sight);
  if (row.type === 'AllergyIntolerance') return { kind: 'allergy', allergy: allergyView(resource) };
  if (row.type === 'Condition') return { kind: 'problem', problem: { ...problemView(resource, lookup), warns: null } };
  if (row.type === 'MedicationRequest' || row.type === 'MedicationStatement') {
    return { kind: 'medication', medication: medicationView(resource, lookup) };
  }
  const { title, details, time, status, values } = entryText(
    row.type,
    factsOf(body)?.bucket ?? 0,
    resource,
    lookup,
    null,
  );
  return { kind: 'entry', title, details, time, status, values };
}
