import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { expect } from 'vitest';
import { charting } from '../../../../../preload/contract/charting.ts';
import { fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

type Options = NonNullable<Parameters<typeof renderApp>[0]>;
export type App = ReturnType<typeof renderApp>;

export async function openChart(options: Options = {}): Promise<App> {
  const app = renderApp({ patients: fakePatients(1), ...options });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  await screen.findByTestId('section-allergies');
  return app;
}

/** Opens a form by the keyboard: N, then its letter. N means nothing while the form before is still being saved. */
export async function openForm(letter: string): Promise<void> {
  await waitFor(() => expect(screen.queryByTestId('form-dialog')).toBeNull());
  fireEvent.keyDown(document.body, { key: 'n' });
  fireEvent.keyDown(await screen.findByTestId('write-allergy'), { key: letter });
  await screen.findByTestId('form');
}

export const field = (name: string) => screen.getByTestId(`field-${name}`) as HTMLInputElement;
export const fill = (name: string, value: string) => fireEvent.change(field(name), { target: { value } });
export const check = (name: string) => fireEvent.click(field(name));
export const save = () => fireEvent.submit(screen.getByTestId('form-save').closest('form')!);

/** Enter twice, before the page has drawn anything in between. */
export function saveTwice(): void {
  const form = screen.getByTestId('form-save').closest('form');
  act(() => {
    for (const _ of [1, 2]) form?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
  });
}

/** What the page asked to be written in the chart; each request is one that main takes. */
export function sent(app: App): { call: string; request: Record<string, unknown> }[] {
  const calls = app.writes.filter(({ call }) => call.startsWith('charting.'));
  for (const { call, request } of calls) {
    const name = call.slice('charting.'.length) as keyof typeof charting.calls;
    charting.calls[name].request.parse(request);
  }
  return calls as { call: string; request: Record<string, unknown> }[];
}

/** What is said of a field to who doesn't see it. */
export function saidOf(name: string): string {
  const ids = (field(name).getAttribute('aria-describedby') ?? '').split(' ');
  return ids.map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
}
