import fc from 'fast-check';
import type { z } from 'zod';
import { faultsIn } from '../../../main/writing/check.ts';
import type { Writing, Written } from '../../../main/writing/resource.ts';
import { amount, day, named, partialDate, shortText } from '../../../preload/contract/clinical.ts';
import { expectValid } from '../../support/valid.ts';

export const writing: Writing = {
  patientId: 'p1',
  practitioner: 'Practitioner/dr',
  display: 'Dr Amara Nwosu',
  encounter: 'Encounter/e1',
  now: Date.parse('2026-03-12T14:32:05.250Z'),
  offsetMinutes: 60,
  id: '7c1e9a52-3a8e-4a57-9d0b-1f4f6f0c2b11',
};

/** The resource of what was composed; throws where either the check or programs of others find a fault. */
export async function checked({ body }: Written, base: string | null = null): Promise<Record<string, unknown>> {
  const faults = await faultsIn(body, base);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const resource = JSON.parse(body) as Record<string, unknown>;
  expectValid(resource);
  return resource;
}

/** A resource of the server in a version, about the patient. */
export function stored(resource: object): { resource: string; versionId: string } {
  const meta = { versionId: '7', lastUpdated: '2026-03-11T09:00:00.000Z' };
  return { resource: JSON.stringify({ id: 'r1', meta, ...resource }), versionId: '7' };
}

const parsed = <Schema extends z.ZodType>(schema: Schema, values: fc.Arbitrary<unknown>) =>
  values.filter((value) => schema.safeParse(value).success).map((value) => schema.parse(value));

/** Texts as people may paste them: every character that the contract lets through. */
const anyText = (maxLength: number) => parsed(shortText, fc.string({ unit: 'grapheme', minLength: 1, maxLength }));
export const shortTexts = anyText(60);
export const comments = fc.option(anyText(200));

const years = fc.integer({ min: 1900, max: 2099 });
const two = (max: number) => fc.integer({ min: 1, max }).map((value) => String(value).padStart(2, '0'));
export const days = parsed(
  day,
  fc.tuple(years, two(12), two(31)).map((parts) => parts.join('-')),
);
export const dates = parsed(
  partialDate,
  fc.oneof(
    years.map(String),
    fc.tuple(years, two(12)).map((parts) => parts.join('-')),
    days,
  ),
);
export const amounts = parsed(
  amount,
  fc.tuple(fc.nat(9_999_999), fc.stringMatching(/^(?:\.\d{1,6})?$/)).map((parts) => parts.join('')),
);
export const names = parsed(
  named,
  fc.record({
    text: shortTexts,
    coding: fc.option(
      fc.record({
        system: fc.constant('http://snomed.info/sct'),
        code: fc.stringMatching(/^\d{6,18}$/),
        display: shortTexts,
      }),
    ),
  }),
);
