// @vitest-environment jsdom
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { tellCopies } from '../../../../renderer/app/copies.ts';

const told: unknown[] = [];

function start(html: string, mayCopy = true) {
  vi.useFakeTimers();
  document.body.innerHTML = html;
  const copied = async (request: unknown) => {
    told.push(request);
    return { ok: true, value: {} };
  };
  const state = { shaded: false, contentProtection: 'off', mayCopy };
  const screen = async () => ({ ok: true, value: state });
  let decide: (next: object) => void = () => undefined;
  const onScreenChanged = (listener: (next: object) => void) => {
    decide = listener;
    return () => undefined;
  };
  vi.stubGlobal('wardlight', { lock: { copied, screen, onScreenChanged } });
  const end = tellCopies();
  onTestFinished(() => {
    end();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  return { decide: (next: boolean) => decide({ ...state, mayCopy: next }) };
}

/** Whether the browser does what it does by itself. */
function isLeft(name: string): boolean {
  return document.dispatchEvent(new Event(name, { bubbles: true, cancelable: true }));
}

function select(id: string): void {
  document.getSelection()?.selectAllChildren(document.getElementById(id) as Element);
}

function happen(name: string): void {
  document.dispatchEvent(new Event(name, { bubbles: true }));
  vi.runAllTimers();
}

afterEach(() => {
  told.length = 0;
  document.getSelection()?.removeAllRanges();
});

const PAGE = `<p id="none">Wardlight</p>
  <table><tr data-patient-id="row"><td id="name">Ng, Ana</td></tr></table>
  <div data-patient-id="chart"><p id="text">Slept well.</p></div>`;

describe('security: what the page tells of a copy', () => {
  it('security: is the patient in whose chart or row it begins, and never the text', () => {
    start(PAGE);
    for (const id of ['text', 'name', 'none']) {
      select(id);
      happen('copy');
    }
    expect(told).toEqual([
      { where: 'clipboard', patientId: 'chart' },
      { where: 'clipboard', patientId: 'row' },
      { where: 'clipboard', patientId: null },
    ]);
  });

  it('is a selection only where there is one', () => {
    start(PAGE);
    happen('pointerup');
    expect(told).toEqual([]);
    select('text');
    happen('pointerup');
    expect(told).toEqual([{ where: 'selection', patientId: 'chart' }]);
  });

  it.each(['copy', 'cut', 'dragstart'])(
    'security: is nothing where policy lets nothing be copied (%s)',
    async (name) => {
      const { decide } = start(PAGE);
      // Main has not said yet.
      expect(isLeft(name)).toBe(false);
      await vi.runAllTimersAsync();
      expect(isLeft(name)).toBe(true);
      decide(false);
      expect(isLeft(name)).toBe(false);
      decide(true);
      expect(isLeft(name)).toBe(true);
    },
  );
});
