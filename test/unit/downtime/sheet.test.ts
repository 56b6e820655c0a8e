import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sheet } from '../../../main/access/sheets.ts';
import type { Block, SheetOfBlocks } from '../../../main/downtime/blocks.ts';
import { coverBlocks, nameAlertOf } from '../../../main/downtime/cover.ts';
import { binderHtml } from '../../../main/downtime/html.ts';
import { sheetBlocks } from '../../../main/downtime/sheet.ts';
import { wordsIn } from '../../../main/downtime/words.ts';
import type { ChartSummary } from '../../../preload/contract/chart.ts';
import { fakePatients } from '../renderer/support/fakeData.ts';
import { fakeSheet } from './fixture.ts';

const words = wordsIn('en');
const facts = { words, host: 'fhir.example', now: Date.parse('2026-03-12T14:35:00Z'), gridStartHour: 22 };
const blocksOf = (sheet: Sheet) => sheetBlocks(sheet, facts, null);

function textOf(block: Block): string {
  if (block.kind === 'row') return block.cells.map(({ text }) => text).join('\t');
  if (block.kind === 'columns') return block.cells.join('\t');
  return block.kind === 'blank' ? block.labels.join('\t') : block.text;
}

/** What stands below a title. */
function section({ blocks }: SheetOfBlocks, title: string): string {
  const from = blocks.findIndex((one) => one.kind === 'title' && one.text.startsWith(title));
  const rest = blocks.slice(from + 1);
  const to = rest.findIndex((one) => one.kind === 'title');
  return (to < 0 ? rest : rest.slice(0, to)).map(textOf).join('\n');
}

const empty: { items: never[]; total: number } = { items: [], total: 0 };
const withAllergies = (
  allergyStatement: ChartSummary['allergyStatement'],
  change: Partial<ChartSummary['allergies']> = {},
) => {
  const { chart } = fakeSheet();
  return fakeSheet(0, { allergyStatement, allergies: { ...chart.allergies, ...empty, ...change } });
};

describe('a downtime sheet', () => {
  it('tells on each page who it is, her allergies, of when it is and what is missing', () => {
    const { chart } = fakeSheet();
    const { head } = blocksOf(fakeSheet(0, { medications: { ...chart.medications, state: 'partial' } }));
    expect(head.facts.slice(0, 2)).toEqual(['Born 10-Jan-1930', 'MRN 700000']);
    expect(head.name).toBe('OKAFOR, Grace (Mrs)');
    expect(head.allergies).toBe('Allergies: Penicillin G (HIGH), Latex');
    expect(head.line).toMatch(
      /^Known as at 12-Mar-2026 \d\d:\d\d from server fhir.example. NOT COMPLETE: medications.$/,
    );
  });

  it.each([
    ['none-known', {}, 'No known allergies (recorded)'],
    ['none-recorded', {}, 'NONE RECORDED – ask the patient'],
    ['not-fetched', { state: 'not-fetched', asOf: null }, 'NOT AVAILABLE OFFLINE – ask the patient'],
    ['not-permitted', { state: 'not-permitted', asOf: null }, 'NOT PERMITTED to view – ask the patient'],
    ['restricted', { withheld: { restricted: 'purpose', denied: false } }, 'WITHHELD from paper'],
  ] as const)('says of allergies that are %s what is so, and nothing else', (statement, change, words) => {
    const sheet = blocksOf(withAllergies(statement, change));
    const said = section(sheet, 'Allergies');
    expect(said).toContain(words);
    expect(sheet.head.allergies).toContain(words);
    if (statement !== 'none-known') expect(`${said} ${sheet.head.allergies}`).not.toMatch(/no known/i);
  });

  it('says that there is no code status rather than nothing', () => {
    const { chart } = fakeSheet();
    expect(section(blocksOf(fakeSheet()), 'Code status')).toContain('Not for resuscitation');
    const none = fakeSheet(0, { alerts: { ...chart.alerts, ...empty } });
    expect(section(blocksOf(none), 'Code status')).toContain('Code status: none recorded as an alert – ask');
    const unknown = fakeSheet(0, { alerts: { ...chart.alerts, ...empty, state: 'not-fetched', asOf: null } });
    expect(section(blocksOf(unknown), 'Code status')).toContain('Code status: NOT AVAILABLE OFFLINE');
  });

  it('says what the banner warns of, wherever it is recorded: code status, infection control, pregnancy', () => {
    const { chart } = fakeSheet();
    const infected = { ...chart.problems.items[0]!, text: 'MRSA', warns: 'infection' as const, onset: '2026-03-11' };
    const told = (type: 'Consent' | 'Observation', warns: 'code-status' | 'pregnancy', text: string) => ({
      ...{ id: text, type, warns, text, date: '2026-03-10', encrypted: [] },
    });
    const sheet = blocksOf(
      fakeSheet(0, {
        alerts: { ...chart.alerts, ...empty },
        problems: { ...chart.problems, items: [infected] },
        stated: [told('Observation', 'pregnancy', 'Pregnant'), told('Consent', 'code-status', 'DNR order')],
      }),
    );
    const lines = section(sheet, 'Code status').split('\n').slice(1);
    expect(lines).toEqual([
      'Code status\tDNR order (10-Mar-2026)',
      'Infection control\tMRSA (11-Mar-2026)',
      'Pregnancy\tPregnant (10-Mar-2026)',
    ]);
  });

  it('marks each page of a merged, a test or a confidential record', () => {
    const { chart } = fakeSheet();
    const { head } = blocksOf(
      fakeSheet(0, { patient: { ...chart.patient, marks: ['merged', 'test', 'label-unknown'] } }),
    );
    for (const words of [/MERGED/, /TEST PATIENT/, /CONFIDENTIALITY NOT KNOWN/]) expect(head.alert).toMatch(words);
  });

  it('lists current medicines with hours to sign from the hour that policy names, and none that was stopped', () => {
    const { blocks } = blocksOf(fakeSheet());
    const rows = blocks.filter((one) => one.kind === 'row' && one.table === 'medicines');
    expect(rows.map(textOf).join()).not.toContain('Amlodipine');
    expect(rows.map(textOf).join()).toContain('on hold');
    expect(
      rows.every(
        (one) => one.kind === 'row' && one.hours?.length === 24 && one.hours[0] === '22' && one.hours[2] === '00',
      ),
    ).toBe(true);
  });

  it('marks what is not yet sent, flags, and where an encrypted value is read', () => {
    const { chart } = fakeSheet();
    const item = {
      ...chart.vitals.items[0]!,
      unsent: 'waiting' as const,
      flag: 'critical-low' as const,
      effective: '2026-03-12T13:00:00Z',
    };
    const sheet: Sheet = { ...fakeSheet(), recentVitals: { items: [item], more: true }, hiddenChanges: 2 };
    const vitals = section(blocksOf(sheet), 'Vital signs');
    expect(vitals).toMatch(/CRITICAL LOW – NOT YET SENT/);
    expect(vitals).toContain('Only the newest are printed.');
    expect(section(blocksOf(sheet), 'Written on this workstation')).toContain('2 more that may not be printed');
  });

  it('loses no word of any chart: of 200 medicines, of huge texts, of texts that run both ways', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', 'Z', ' ', '\u202e', '\u2066', 'ש', 'ب', '漢', '👍', '<', '"'),
      minLength: 1,
      maxLength: 4_000,
    });
    const { chart } = fakeSheet();
    const [medicine] = chart.medications.items;
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { maxLength: 200, size: 'max' }), word, (medicines, name) => {
        const items = medicines.map(([drug, dosage], index) => ({ ...medicine!, id: `m${index}`, drug, dosage }));
        const medications = { ...chart.medications, items, total: items.length };
        const patient = { ...chart.patient, name: { family: name, given: '', prefix: '' } };
        const { head, blocks } = blocksOf(fakeSheet(0, { medications, patient }));
        const rows = blocks.filter((one) => one.kind === 'row');
        const column = (table: string, index: number) =>
          rows
            .filter((one) => one.table === table)
            .map(({ cells }) => cells[index]?.text ?? '')
            .join('');
        expect(column('medicines', 0)).toBe(medicines.map(([drug]) => drug).join(''));
        expect(column('medicines', 1)).toBe(medicines.map(([, dosage]) => dosage).join(''));
        if (name.trim() !== '') expect(column('identity', 0)).toContain(name.trim().toUpperCase());
        expect(Array.from(head.name).length).toBeLessThan(100);
      }),
      { numRuns: 15 },
    );
  });

  it('counts what it does not hold', () => {
    const { chart } = fakeSheet();
    const sheet = fakeSheet(0, { medications: { ...chart.medications, total: 1_200 } });
    expect(section(blocksOf(sheet), 'Current medicines')).toContain('Only 5 of 1200 entries are printed here.');
  });
});

describe('security: the document of the hidden page', () => {
  it('security: holds texts of records as texts, and names the one style that it may have', () => {
    const { chart } = fakeSheet();
    const attack = '<img src=x onerror=alert(1)></style><script>alert(1)</script>"\'&';
    const problem = { ...chart.problems.items[0]!, text: attack };
    const html = binderHtml(
      words,
      [blocksOf(fakeSheet(0, { problems: { ...chart.problems, items: [problem] } }))],
      attack,
      'A4',
    );
    expect(html).not.toMatch(/<img|<script|onerror="/);
    expect(html).toContain('&lt;script&gt;');
    expect(html).toMatch(/content="default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'"/);
  });
});

describe('the cover sheet', () => {
  const [one, other] = fakePatients(2);
  const cover = { words, query: '', host: 'h', now: facts.now, asOf: null, complete: false, withheld: 2, beyond: 7 };

  it('lists who is in it with place and page, and says who is not', () => {
    const { blocks } = coverBlocks([one!, other!], cover);
    const lines = blocks.map(textOf).join('\n');
    expect(lines).toContain('THE LIST IS NOT COMPLETE');
    expect(lines).toContain('2 patients of the list withheld by access policy');
    expect(lines).toContain('7 patients more match');
    expect(blocks.filter((block) => block.kind === 'row').map(({ pageOf }) => pageOf)).toEqual([1, 2]);
  });

  it('marks a merged record', () => {
    const { blocks } = coverBlocks([{ ...one!, marks: ['merged'] }], cover);
    expect(blocks.map(textOf).join('\n')).toMatch(/OKAFOR, Grace \(Mrs\) · MERGED/);
  });

  it('warns of the same family name', () => {
    const twin = { ...other!, name: { ...one!.name, given: 'Other' } };
    expect(nameAlertOf(words, one!, [one!, twin])).toContain('NAME ALERT');
    expect(nameAlertOf(words, one!, [one!, other!])).toBeNull();
    expect(nameAlertOf(words, { ...one!, similar: true }, [one!, other!])).toMatch(/NAME ALERT.*similar/);
  });
});
