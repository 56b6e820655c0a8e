import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { unitFiles } from './build/unit-files.mjs';
import { MUCH_GARBAGE } from './test/support/garbage.ts';
import LongestFirst from './test/support/longest-first.ts';

// Outside node_modules: root's clone is not writable for the ordinary user as whom the program's tests run.
const cacheDir = join(tmpdir(), `wardlight-vitest-${process.getuid?.() ?? 0}`);

/**
 * Compiled modules. In a desktop of its own they lie beside the session's folders: as the ordinary user, the program's
 * tests could not clear what root has made, and among the session's files the search for canaries would find them.
 */
const desktop = process.env['WARDLIGHT_DESKTOP'];
const fsModuleCachePath = desktop
  ? join(desktop, 'modules')
  : join(import.meta.dirname, 'node_modules', '.cache', 'wardlight', 'vitest');

/** For what is waited for, on a machine that does much else; Vitest's own second is an idle one's. */
const expect = { poll: { timeout: 20_000 } };

const { shared, others } = unitFiles();
const unit = {
  globalSetup: 'test/support/unit-setup.ts',
  expect,
  execArgv: MUCH_GARBAGE,
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  cacheDir,
  test: {
    fsModuleCachePath,
    // One for each processor; without it one is left idle, which on two is half of them.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        cacheDir,
        test: { ...unit, name: 'unit', include: ['test/unit/**/*.test.{ts,tsx}', 'test/integration/**/*.test.ts'] },
      },
      // The same files once more, as `npm test` runs them: each process and its modules cost 0.6 s of processor time.
      { cacheDir, test: { ...unit, name: 'apart', include: others } },
      { cacheDir, test: { ...unit, name: 'shared', include: shared, isolate: false } },
      {
        cacheDir,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/security/**/*.test.ts'],
          // One for each processor, each on a desktop of its own, with its own display and keyring; one file after the
          // other on a person's. With a third beside two processors they took as long, and waited for each other.
          maxWorkers: desktop ? Math.min(2, availableParallelism()) : 1,
          // What they test are other processes. A worker loads Playwright and the development server once.
          isolate: false,
          globalSetup: 'test/support/more-desktops.ts',
          setupFiles: ['test/support/own-desktop.ts', 'test/support/last-words.ts'],
          expect,
          // Each step has a time of its own, of seconds; this is for many of them, with another program beside.
          testTimeout: 150_000,
          hookTimeout: 150_000,
        },
      },
      {
        cacheDir,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: 'test/support/built-package.ts',
          expect,
          testTimeout: 120_000,
        },
      },
      {
        cacheDir,
        test: {
          name: 'windows',
          include: ['test/windows/**/*.test.ts'],
          globalSetup: 'test/support/built-installers.ts',
          expect,
          // Wine starts much for each command; a busy machine makes minutes of it.
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        cacheDir,
        test: {
          name: 'release',
          include: ['test/release/**/*.test.ts'],
          globalSetup: 'test/support/release-tools.ts',
          expect,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
