// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { createChunk } from '../../../../renderer/app/chunk.ts';
import { ErrorBoundary } from '../../../../renderer/app/ErrorBoundary.tsx';
import { Late } from '../../../../renderer/app/Late.tsx';
import '../support/dom.ts';

afterEach(cleanup);

const Greeting = ({ name }: { name: string }) => <p>Good morning, {name}</p>;

it('shows what was fetched before at once, without the fallback', async () => {
  const chunk = createChunk(async () => ({ default: Greeting }));
  chunk.prefetch();
  await new Promise((resolve) => setTimeout(resolve));
  render(<Late chunk={chunk} props={{ name: 'Ruth' }} fallback={<p>Opening…</p>} />);
  expect(document.body.textContent).toBe('Good morning, Ruth');
});

it('shows the fallback until a late part is there', async () => {
  const chunk = createChunk(async () => ({ default: Greeting }));
  render(<Late chunk={chunk} props={{ name: 'Ruth' }} fallback={<p>Opening…</p>} />);
  expect(document.body.textContent).toBe('Opening…');
  await screen.findByText('Good morning, Ruth');
});

it('a part that cannot be read is told, and its cause is not shown', async () => {
  const chunk = createChunk<typeof Greeting>(async () => {
    throw new Error('/home/ruth/wardlight');
  });
  render(
    <ErrorBoundary>
      <Late chunk={chunk} props={{ name: 'Ruth' }} fallback={<p>Opening…</p>} />
    </ErrorBoundary>,
  );
  await screen.findByTestId('error-state');
  expect(document.body.textContent).not.toContain('/home/ruth');
});
