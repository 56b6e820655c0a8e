import type { Allergy, AllergyStatement, SectionState, Unsent, Withheld } from '../../../preload/contract/chart.ts';
import { placeholder } from '../../../preload/contract/placeholders.ts';
import { dateText } from '../dates.ts';
import { allergyBucket, statusCode } from '../ingest/buckets.ts';
import { bound, conceptText, encryptedPaths, field, items, maskWord, text, textOrMask, versionIdOf } from '../json.ts';

/**
 * What may be said of allergies (design rule 7). An absence is only ever a coded statement, and only where everything
 * was fetched and may be seen: an allergy may be on the page that is missing, or among the entries that are withheld.
 * `buckets` are those of the entries that are shown.
 */
export function allergyStatement(
  buckets: ReadonlySet<number>,
  state: SectionState,
  { restricted, denied }: Withheld,
): AllergyStatement {
  if (buckets.has(allergyBucket.active)) return 'recorded';
  if (state === 'not-permitted') return 'not-permitted';
  if (restricted) return 'restricted';
  if (denied) return 'partly-not-permitted';
  if (state !== 'complete') return 'not-fetched';
  if (buckets.has(allergyBucket.noneKnown)) return 'none-known';
  return buckets.has(allergyBucket.noDrugAllergy) ? 'no-known-drug-allergy' : 'none-recorded';
}

const clinical = ['active', 'inactive', 'resolved'] as const;
const verification = ['unconfirmed', 'confirmed', 'refuted', 'entered-in-error'] as const;
const criticality = ['low', 'high', 'unable-to-assess'] as const;

/** An allergy as the chart shows it. */
export function allergyView(resource: unknown, unsent: Unsent = null): Allergy {
  return {
    id: text(resource, 'id') ?? '',
    substance: substanceOf(resource),
    clinicalStatus: oneOf(clinical, statusCode(resource, 'clinicalStatus')),
    verificationStatus: oneOf(verification, statusCode(resource, 'verificationStatus')),
    criticality: oneOf(criticality, text(resource, 'criticality') ?? ''),
    type: (['allergy', 'intolerance'] as const).find((one) => one === text(resource, 'type')) ?? null,
    category: items(resource, 'category')
      .filter((category) => typeof category === 'string')
      .slice(0, 10)
      .map((category) => bound(category)),
    reactions: reactionsOf(resource),
    recorded: dateText(field(resource, 'recordedDate')),
    note: noteOf(resource),
    encrypted: encryptedPaths(resource),
    versionId: versionIdOf(resource),
    unsent,
  };
}

function oneOf<Value extends string>(values: readonly Value[], value: string): Value | 'unknown' {
  return values.find((one) => one === value) ?? 'unknown';
}

function substanceOf(resource: unknown): string {
  const named = conceptText(field(resource, 'code'));
  if (named) return named;
  for (const reaction of items(resource, 'reaction')) {
    const substance = conceptText(field(reaction, 'substance'));
    if (substance) return substance;
  }
  return placeholder('substance');
}

function reactionsOf(resource: unknown): Allergy['reactions'] {
  return items(resource, 'reaction')
    .slice(0, 20)
    .map((reaction) => {
      const manifestations = items(reaction, 'manifestation').flatMap((one) => conceptText(one) ?? []);
      const described = maskWord(reaction) ?? textOrMask(reaction, 'description');
      return {
        manifestation: bound(manifestations.join(', ') || described || placeholder('reaction')),
        severity: text(reaction, 'severity') ?? null,
      };
    });
}

function noteOf(resource: unknown): string | null {
  const notes = items(resource, 'note').flatMap((note) => maskWord(note) ?? textOrMask(note, 'text') ?? []);
  return notes.length === 0 ? null : bound(notes.join('\n'));
}
