import { expect, test, vi } from 'vitest';
import { CodedError } from '../../../main/cache/store-error.ts';
import { createWorking, type WorkingOptions } from '../../../main/documents/working.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const full = Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'mkdir' });

/** Clearing up fails as often as there are failures, and then goes well. */
function working(failures: Error[], more: Partial<WorkingOptions> = {}) {
  const steps: string[] = [];
  const prepare = vi.fn(async () => {
    const failure = failures.shift();
    if (failure) throw failure;
    steps.push('cleared up');
  });
  const options = {
    prepare,
    keys: { ready: async () => ({ ok: true }), refresh: async () => ({ ok: true }) },
    queue: {
      list: async () => [],
      run: async () => {
        steps.push('sent');
        return { ok: true };
      },
      tidy: async () => undefined,
    },
    statement: async () => null,
    online: () => true,
    onStanding: () => undefined,
    log: { warn: vi.fn() },
    signal: new AbortController().signal,
    ...more,
  } as unknown as WorkingOptions;
  const call = vi.fn(async (name: string) => {
    steps.push(name);
    return { ok: true as const, value: name };
  });
  const made = createWorking(options);
  return { ...made, call: made.whenReady(call), steps, prepare, log: options.log };
}

test('clears up once after an unlock, before anything that needs it', async () => {
  const { call, wake, ended, steps, prepare } = working([]);
  wake();
  expect(await Promise.all([call('picked'), call('opened')])).toMatchObject([{ ok: true }, { ok: true }]);
  await ended();
  expect(steps[0]).toBe('cleared up');
  expect(steps.slice(1).sort()).toEqual(['opened', 'picked', 'sent']);
  expect(prepare).toHaveBeenCalledTimes(1);
});

test('where clearing up has failed it is tried again, by each who needs it, until it has gone well', async () => {
  const { call, steps, prepare } = working([full, full]);
  await settle();
  expect(await call('early')).toEqual({ ok: false, error: { code: 'disk-full' } });
  expect(steps).toEqual([]);
  expect(await call('attached')).toEqual({ ok: true, value: 'attached' });
  await call('again');
  expect(steps).toEqual(['cleared up', 'attached', 'again']);
  expect(prepare).toHaveBeenCalledTimes(3);
});

test('two who need it at a time clear up one after the other, and never at once', async () => {
  const { call, prepare } = working([full]);
  expect(await Promise.all([call('a'), call('b')])).toMatchObject([{ ok: true }, { ok: true }]);
  expect(prepare).toHaveBeenCalledTimes(2);
});

test('nothing is sent before clearing up has gone well, and the next sync tries again', async () => {
  const { wake, ended, steps, log } = working([new CodedError('disk-full'), new CodedError('process-ended')]);
  wake();
  await ended();
  expect(steps).toEqual([]);
  expect(log.warn).toHaveBeenCalledWith('documents.failed', { code: 'disk-full' });
  wake();
  await ended();
  expect(steps).toEqual(['cleared up', 'sent']);
});
