// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { FormItem, FormLine, FormState, OpenForm } from '../../../../../preload/contract/forms.ts';
// What is fetched when it is first opened is here before it is waited for.
import '../../../../../renderer/features/charting/WriteForms.tsx';
import { openChart } from '../charting/support.tsx';

afterEach(cleanup);

const plain = {
  ...{ depth: 0, required: false, locked: null, cannot: null, options: [], several: false, other: false, units: [] },
  ...{ longest: 4000, hint: null },
} as const;
const items: readonly FormItem[] = [
  { ...plain, linkId: 'given', kind: 'decimal', text: 'Weight in the record', locked: 'given' },
  { ...plain, linkId: 'score', kind: 'integer', text: 'Score', locked: 'calculated' },
  { ...plain, linkId: 'must', kind: 'integer', text: 'Falls', locked: 'calculated', required: true },
  { ...plain, linkId: 'how', kind: 'string', text: 'How', required: true },
];
const lineOf = (item: number, more: Partial<FormLine> = {}) =>
  ({
    ...{ kind: 'item', key: `|${items[item]?.linkId}`, item, row: null, value: null, unknown: null, open: false },
    ...{ doubtful: false, fault: null, warning: null, unchecked: null },
    ...more,
  }) as FormLine;

const state: FormState = {
  lines: [
    lineOf(0, { unknown: 'not-permitted' }),
    lineOf(1, { value: '', unknown: 'follows' }),
    lineOf(2, { unknown: 'not-synced', open: true, fault: { code: 'required', limit: null } }),
    lineOf(3, { doubtful: true, unchecked: 'Not twice' }),
  ],
  ...{ faults: [], unchecked: ['Whole'], digest: 'd' },
};
const form: OpenForm = {
  ...{ id: 'f', versionId: '1', title: 'Falls', about: null, answers: {}, prefilled: [] },
  ...{ items: [...items], openedAt: '2026-11-20T23:50:00.000+01:00', state },
};

async function openForms(opened: OpenForm[] = []) {
  const asked: object[] = [];
  const app = await openChart({
    forms: {
      list: async () => ({
        ok: true,
        value: { items: [{ id: 'f', title: 'Falls', about: null, version: null }], more: false, state: 'complete' },
      }),
      async open(request) {
        asked.push(request);
        return { ok: true, value: opened.shift() ?? form };
      },
      evaluate: async () => ({ ok: true, value: state }),
    },
  });
  fireEvent.keyDown(document.body, { key: 'n' });
  fireEvent.keyDown(await screen.findByTestId('write-allergy'), { key: 'f' });
  return { app, asked };
}

const said = (key: string) => screen.getByTestId(`line-|${key}`).textContent;

it('what isn’t known is told with its reason, is no result, and is given by a person where it has to be there', async () => {
  await openForms();
  fireEvent.click(await screen.findByTestId('form-f'));
  await screen.findByTestId('form');
  expect(said('given')).toContain('Not known');
  expect(said('given')).toContain('you may not see all the records');
  expect(screen.getByTestId('value-|score').textContent).toBe('Not known');
  expect(said('must')).toContain('not all of the records');
  expect(said('must')).toContain('give it yourself');
  expect((screen.getByTestId('field-|must') as HTMLInputElement).value).toBe('');
  expect(said('how')).toContain('Answer it where it applies');
  expect(said('how')).toContain('Not checked, as something is not known: Not twice');
  expect(screen.getByTestId('form').textContent).toContain('Not checked, as something is not known: Whole');
  // Begun on another day than it is read on.
  expect(screen.getByTestId('form-of-when').textContent).toContain('Nov-2026');
});

it('a draft keeps the reading of the clock, and is gone on with by it', async () => {
  const { app, asked } = await openForms();
  fireEvent.click(await screen.findByTestId('form-f'));
  fireEvent.change(await screen.findByTestId('field-|how'), { target: { value: 'Slipped' } });
  await waitFor(() => expect(app.writes.at(-1)?.call).toBe('drafts.keep'));
  expect(app.writes.at(-1)?.request).toMatchObject({ body: { openedAt: form.openedAt } });
  await leaveAndGoOn();
  expect(asked).toEqual([
    { patientId: 'p0', id: 'f', openedAt: null },
    { patientId: 'p0', id: 'f', openedAt: form.openedAt },
  ]);
});

/** Leaves what was typed as a draft, and goes on with that. */
async function leaveAndGoOn() {
  fireEvent.click(screen.getByTestId('form-cancel'));
  fireEvent.click(await screen.findByTestId('leave-dialog-confirm'));
  await waitFor(() => expect(screen.queryByTestId('form-dialog')).toBeNull());
  fireEvent.keyDown(document.body, { key: 'n' });
  fireEvent.keyDown(await screen.findByTestId('write-allergy'), { key: 'f' });
  fireEvent.click(await screen.findByTestId('draft-continue'));
  await screen.findByTestId('form');
}

/** Types in a form, leaves it as a draft, and goes on with that in another one. */
async function goneOnWith(first: OpenForm, second: OpenForm) {
  const { app } = await openForms([first, second, second]);
  fireEvent.click(await screen.findByTestId('form-f'));
  fireEvent.change(await screen.findByTestId('field-|how'), { target: { value: 'Slipped' } });
  await waitFor(() => expect(app.writes.at(-1)?.call).toBe('drafts.keep'));
  await leaveAndGoOn();
  return app;
}

const weighed = (kg: string, versionId = '1'): OpenForm => ({
  ...form,
  ...{ versionId, answers: { '|given': kg }, state: { ...state, lines: [lineOf(0), ...state.lines.slice(1)] } },
});

it('what a form gives itself is shown as it would be recorded now, and not as a draft has it', async () => {
  await goneOnWith(weighed('71'), weighed('72'));
  expect(screen.getByTestId('value-|given').textContent).toBe('72');
  expect((screen.getByTestId('field-|how') as HTMLInputElement).value).toBe('Slipped');
});

it('what was typed in another version of a form stays with the draft of the new one', async () => {
  const app = await goneOnWith(weighed('71'), weighed('71', '2'));
  expect(screen.getByTestId('form-other-version').textContent).toContain('How: Slipped');
  fireEvent.change(screen.getByTestId('field-|how'), { target: { value: 'Fell' } });
  await waitFor(() => expect(JSON.stringify(app.writes.at(-1)?.request)).toContain('Fell'));
  expect(app.writes.at(-1)?.request).toMatchObject({
    body: { formVersion: '2', earlier: expect.stringContaining('How: Slipped') },
  });
});
