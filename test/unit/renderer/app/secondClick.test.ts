// @vitest-environment jsdom
import { afterEach, expect, it, vi } from 'vitest';
import { dropSecondClick } from '../../../../renderer/app/secondClick.ts';

afterEach(() => vi.restoreAllMocks());

/** Clicks on a button of the page; answers whether the button heard of it. */
function isHeard(detail: number): boolean {
  const button = document.createElement('button');
  const press = vi.fn();
  button.addEventListener('click', press);
  document.body.append(button);
  button.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail }));
  button.remove();
  return press.mock.calls.length === 1;
}

it('drops the second half of a double click, and nothing else, until the time of one is over', () => {
  const time = new AbortController();
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(time.signal);
  dropSecondClick();
  expect([isHeard(1), isHeard(2)]).toEqual([true, false]);
  time.abort();
  expect(isHeard(2)).toBe(true);
});
