// @vitest-environment jsdom
import { act, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '../../support/renderApp.tsx';

it('a record that can’t be written is told on every screen, and no longer once it can', async () => {
  const fake = renderApp({ patients: [] });
  await screen.findByTestId('frame');
  expect(screen.queryByTestId('audit-alarm')).toBeNull();
  act(() => fake.setAudit({ degraded: 'disk-full', verification: null }));
  const alarm = await screen.findByTestId('audit-alarm');
  expect(alarm.textContent).toContain('emergency access only');
  expect(alarm.textContent).toContain('disk-full');
  act(() => fake.setAudit({ degraded: null, verification: null }));
  expect(screen.queryByTestId('audit-alarm')).toBeNull();
});
