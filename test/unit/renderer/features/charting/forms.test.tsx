// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { check, field, fill, openChart, openForm, saidOf, save, saveTwice, sent } from './support.tsx';

afterEach(cleanup);

const CODING = { system: 'http://snomed.info/sct', code: '91936005', display: 'Penicillin' };
const named = (text: string) => ({ text, coding: null });

/** Each form as a nurse fills it, and what main is asked. */
const CASES: readonly (readonly [
  name: string,
  letter: string,
  typed: Record<string, string>,
  call: string,
  request: object,
])[] = [
  [
    'an allergy',
    'a',
    {
      ...{ substance: 'Penicillin', verification: 'confirmed', criticality: 'high', onset: 'Mar-2021' },
      ...{ reaction0: 'Hives', 'reaction0.severity': 'moderate', note: 'Told by her daughter' },
    },
    'charting.recordAllergy',
    {
      ...{ substance: named('Penicillin'), category: [], criticality: 'high', verification: 'confirmed' },
      ...{ onset: '2021-03', note: 'Told by her daughter' },
      reactions: [{ manifestation: named('Hives'), severity: 'moderate' }],
    },
  ],
  [
    'a problem',
    'p',
    { problem: 'Asthma', verification: 'provisional', severity: 'mild', onset: '12-Mar-2021' },
    'charting.recordProblem',
    { problem: named('Asthma'), verification: 'provisional', severity: 'mild', onset: '2021-03-12', note: null },
  ],
  [
    'a medicine',
    'm',
    { drug: 'Metformin', dose: '0,50', doseUnit: 'g', route: 'oral', times: '2', since: '2019' },
    'charting.recordMedication',
    {
      ...{ drug: named('Metformin'), status: 'active', dose: { value: '0.50', unit: 'g' }, route: 'oral' },
      ...{ frequency: { times: 2, period: 1, unit: 'd' }, asNeeded: false, instruction: null, since: '2019' },
      note: null,
    },
  ],
  [
    'a task',
    't',
    { title: 'Change the dressing', priority: 'urgent', due: '2199-01-02' },
    'charting.recordTask',
    { title: 'Change the dressing', owner: null, due: '2199-01-02', priority: 'urgent', note: null },
  ],
  [
    'an immunisation',
    'i',
    { vaccine: 'Influenza', lot: 'AB1', expiry: '12-Mar-2199', site: 'left-arm', dose: '0.5', doseNumber: '1' },
    'charting.recordImmunization',
    {
      ...{ vaccine: named('Influenza'), occurrence: null, notDone: null, lot: 'AB1', expiry: '2199-03-12' },
      ...{ site: 'left-arm', route: null, dose: '0.5', doseNumber: 1, note: null },
    },
  ],
];

describe.each(CASES)('%s', (_, letter, typed, call, request) => {
  it('is recorded once, by the keyboard alone, for the patient who is named in the dialog', async () => {
    const app = await openChart();
    await openForm(letter);
    expect(screen.getByTestId('form-patient').textContent).toMatch(/OKAFOR, Grace.*born.*MRN 700000/);
    for (const [name, value] of Object.entries(typed)) fill(name, value);
    saveTwice();
    await waitFor(() => expect(screen.queryByTestId('form-dialog')).toBeNull());
    expect(sent(app)).toEqual([{ call, request: { patientId: 'p0', ...request } }]);
    expect(screen.getByTestId('write-said').textContent).toContain('Not yet sent');
  });

  it('is kept as it is typed, and gone on with from its card or after the unlock', async () => {
    const app = await openChart();
    await openForm(letter);
    for (const [name, value] of Object.entries(typed)) fill(name, value);
    await waitFor(() => expect(app.writes.at(-1)?.call).toBe('drafts.keep'));
    const [first = ['', '']] = Object.entries(typed);
    fireEvent.click(screen.getByTestId('form-cancel'));
    fireEvent.click(await screen.findByTestId('leave-dialog-confirm'));
    await waitFor(() => expect(screen.queryByTestId('form-dialog')).toBeNull());
    fireEvent.keyDown(document.body, { key: 'n' });
    fireEvent.keyDown(await screen.findByTestId('write-allergy'), { key: letter });
    expect((await screen.findByTestId('draft-body')).textContent).toContain(first[1]);
    fireEvent.click(screen.getByTestId('draft-continue'));
    for (const [name, value] of Object.entries(typed)) expect(field(name).value).toBe(value);
    expect(sent(app)).toEqual([]);
  });

  it('is not sent with nothing in it', async () => {
    const app = await openChart();
    await openForm(letter);
    expect((screen.getByTestId('form-save') as HTMLButtonElement).disabled).toBe(true);
    fill('note', 'only a comment');
    save();
    expect((await screen.findByTestId('fault-count')).textContent).toContain('Not saved');
    const [name = ''] = Object.keys(typed);
    expect(field(name).getAttribute('aria-invalid')).toBe('true');
    expect(saidOf(name)).toMatch(/Type w/);
    expect(document.activeElement).toBe(field(name));
    fill(name, 'Now there is something');
    expect(field(name).getAttribute('aria-invalid')).toBeNull();
    expect(sent(app)).toEqual([]);
  });
});

it('a key in the same moment in which the saved form goes is not asked about its text', async () => {
  await openChart();
  await openForm('t');
  fill('title', 'Change the dressing');
  const observer = new MutationObserver(() => {
    if (screen.queryByTestId('form-dialog')) return;
    observer.disconnect();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', bubbles: true }));
  });
  observer.observe(document.body, { childList: true, subtree: true });
  const form = screen.getByTestId('form-save').closest('form');
  form?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
  await screen.findByTestId('write-menu');
  expect(screen.queryByTestId('leave-dialog')).toBeNull();
});

it('certainty is never said by the order of a list', async () => {
  const app = await openChart();
  await openForm('a');
  fill('substance', 'Latex');
  save();
  await waitFor(() => expect(saidOf('verification')).toContain('how certain'));
  expect(sent(app)).toEqual([]);
});

describe('what can’t be so is told at its field', () => {
  it.each([
    ['a', { substance: 'x', verification: 'confirmed' }, 'onset', '12/03/2021', 'Mar-2021'],
    ['a', { substance: 'x', verification: 'confirmed' }, 'onset', '2199', 'future'],
    [
      'a',
      { substance: 'x', verification: 'confirmed', 'reaction0.severity': 'severe' },
      'reaction0',
      '',
      'what happened',
    ],
    ['p', { problem: 'x', verification: 'confirmed' }, 'onset', '31-Feb-2020', 'Mar-2021'],
    ['m', { drug: 'x' }, 'dose', 'two', 'a number'],
    ['m', { drug: 'x', dose: '2' }, 'doseUnit', '', 'unit'],
    ['m', { drug: 'x', times: '99' }, 'times', '99', '1 to 48'],
    ['t', { title: 'x' }, 'due', '2001-01-01', 'over'],
    ['t', { title: 'x' }, 'due', '2199', 'a day'],
    ['i', { vaccine: 'x', given: 'not-given' }, 'notDone', '', 'why'],
  ] as const)('%s %o: %s %s', async (letter, typed, name, value, words) => {
    const app = await openChart();
    await openForm(letter);
    for (const [one, its] of Object.entries(typed)) fill(one, its);
    fill(name, value);
    save();
    await waitFor(() => expect(saidOf(name)).toContain(words));
    expect(sent(app)).toEqual([]);
  });
});

it('of a vaccine that was not given, nothing is told that belongs to one that was', async () => {
  const app = await openChart();
  await openForm('i');
  fill('vaccine', 'Influenza');
  fill('lot', 'AB1');
  fill('given', 'not-given');
  fill('notDone', 'Has a fever');
  save();
  await waitFor(() => expect(sent(app)).toHaveLength(1));
  expect(sent(app)[0]?.request).toMatchObject({ notDone: 'Has a fever', lot: null });
});

it('a name is taken with its code from what is suggested, and without it once it is typed over', async () => {
  const app = await openChart({ charting: { suggest: async () => ({ ok: true, value: { items: [CODING] } }) } });
  await openForm('a');
  fill('substance', 'peni');
  await screen.findByTestId('suggestion');
  expect(field('substance').getAttribute('aria-expanded')).toBe('true');
  fireEvent.keyDown(field('substance'), { key: 'ArrowDown' });
  fireEvent.keyDown(field('substance'), { key: 'Enter' });
  expect(field('substance').value).toBe('Penicillin');
  expect(saidOf('substance')).toContain('Coded: Penicillin');
  expect(sent(app)).toEqual([]);
  check('category-medication');
  fill('verification', 'confirmed');
  save();
  await waitFor(() => expect(sent(app)).toHaveLength(1));
  const substance = { text: 'Penicillin', coding: CODING };
  expect(sent(app)[0]?.request).toMatchObject({ substance, category: ['medication'] });
  await openForm('a');
  fill('substance', 'peni');
  fireEvent.mouseDown(await screen.findByTestId('suggestion'));
  fill('substance', 'Penicillin V');
  fill('verification', 'confirmed');
  save();
  await waitFor(() => expect(sent(app)).toHaveLength(2));
  expect(sent(app)[1]?.request).toMatchObject({ substance: named('Penicillin V') });
});

it('Escape closes the suggestions first, and asks before anything typed is left', async () => {
  await openChart({ charting: { suggest: async () => ({ ok: true, value: { items: [CODING] } }) } });
  await openForm('a');
  fill('substance', 'peni');
  await screen.findByTestId('suggestion');
  expect(fireEvent.keyDown(field('substance'), { key: 'Escape' })).toBe(false);
  expect(field('substance').getAttribute('aria-expanded')).toBe('false');
  fireEvent(screen.getByTestId('form-dialog'), new Event('cancel', { cancelable: true }));
  await screen.findByTestId('leave-dialog');
  fireEvent.click(screen.getByText('Keep writing'));
  expect(field('substance').value).toBe('peni');
});

it('what is no valid record is told line by line, and nothing that was typed is lost', async () => {
  const detail = 'Reaction 1, onset: must be a date (AllergyIntolerance.reaction[0].onset)\nCode: is missing (x)';
  const app = await openChart({
    charting: { recordAllergy: async () => ({ ok: false, error: { code: 'invalid', detail } }) },
  });
  await openForm('a');
  fill('substance', 'Latex');
  fill('verification', 'confirmed');
  save();
  const lines = await screen.findByTestId('failure-lines');
  expect([...lines.children].map((line) => line.textContent)).toEqual(detail.split('\n'));
  expect(screen.getByTestId('failure').textContent).toContain('not be a valid record');
  expect(field('substance').value).toBe('Latex');
  // The draft goes on being kept.
  await waitFor(() => expect(app.writes.at(-1)?.call).toBe('drafts.keep'));
});

it('who may not write is told so, and keeps what she typed', async () => {
  await openChart({
    charting: { recordTask: async () => ({ ok: false, error: { code: 'not-permitted' } }) },
  });
  await openForm('t');
  fill('title', 'Change the dressing');
  save();
  expect((await screen.findByTestId('failure')).textContent).toContain('Nothing was shown or saved');
  expect(field('title').value).toBe('Change the dressing');
});

it('a form’s draft is opened from the banner after the unlock', async () => {
  const app = await openChart();
  await openForm('p');
  fill('problem', 'Asthma');
  await waitFor(() => expect(app.writes.at(-1)?.call).toBe('drafts.keep'));
  fireEvent.click(screen.getByTestId('form-cancel'));
  fireEvent.click(await screen.findByTestId('leave-dialog-confirm'));
  const row = await screen.findByTestId('draft-row');
  expect(row.textContent).toContain('Problem: Asthma');
  fireEvent.click(screen.getByTestId('back-to-list'));
  fireEvent.click(await screen.findByTestId('sync-open'));
  fireEvent.click(await screen.findByTestId('draft-open'));
  expect((await screen.findByTestId('draft-body')).textContent).toBe('Problem or diagnosis: Asthma');
});
