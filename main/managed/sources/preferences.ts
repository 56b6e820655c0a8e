import { nested } from './flat.ts';
import type { Run } from './registry.ts';
import { DOCUMENT_MAX, type Found, type Source } from './source.ts';

/** Where macOS keeps what a configuration profile forces; root alone writes there. */
export const PREFERENCES_FILE = '/Library/Managed Preferences/org.wardlight.app.plist';

/** Reads what a configuration profile forces, by macOS' own `plutil`. */
export function createPreferencesSource(run: Run, exists: (file: string) => Promise<boolean>): Source {
  return {
    name: 'preferences',
    async find(): Promise<Found> {
      if (!(await exists(PREFERENCES_FILE))) return { kind: 'none' };
      const answer = await run('/usr/bin/plutil', ['-convert', 'json', '-o', '-', PREFERENCES_FILE]);
      if (answer === null || answer.code !== 0) return { kind: 'problem', code: 'unreadable' };
      if (answer.stdout.length > DOCUMENT_MAX) return { kind: 'problem', code: 'too-large' };
      try {
        return { kind: 'document', document: nested(JSON.parse(answer.stdout)) };
      } catch {
        return { kind: 'problem', code: 'not-json' };
      }
    },
  };
}
