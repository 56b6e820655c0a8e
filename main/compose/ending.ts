import type { Log } from '../shell/log.ts';

/**
 * Ends one thing after the other, whatever becomes of those before: what a disk or another program doesn't let end is logged,
 * and must not leave keys and databases open behind the lock screen.
 */
export async function endAll(steps: Readonly<Record<string, () => unknown>>, log: Pick<Log, 'warn'>): Promise<void> {
  for (const [name, end] of Object.entries(steps)) {
    try {
      await end();
    } catch (error) {
      const code = (error as { code?: unknown } | null)?.code;
      log.warn('closing.failed', { name, code: typeof code === 'string' ? code : 'internal' });
    }
  }
}
