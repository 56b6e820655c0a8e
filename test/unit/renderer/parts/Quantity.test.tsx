// @vitest-environment jsdom
import '../support/dom.ts';
import { cleanup, render } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { Quantity } from '../../../../renderer/parts/Quantity.tsx';

afterEach(cleanup);

it('is a value and its unit in one order wherever it stands; words without a unit go their own way', () => {
  const { container: pulse } = render(<Quantity value="112" unit="/min" />);
  expect([pulse.textContent, pulse.querySelector('bdi')?.dir]).toEqual(['112 /min', 'ltr']);
  const { container: words } = render(<Quantity value="Acute confusion" unit={null} />);
  expect(words.querySelector('bdi')?.dir).toBe('auto');
});
