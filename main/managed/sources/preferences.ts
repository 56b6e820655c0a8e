import { nested } from './flat.ts';
import { jsonValue } from './json.ts';
import type { Run } from './registry.ts';
import { DOCUMENT_MAX, type Found, type Source } from './source.ts';

/** Where macOS keeps what a configuration profile forces; root alone writes there. */
export const PREFERENCES_FILE = '/Library/Managed Preferences/org.wardlight.app.plist';

/** Reads what a configuration profile forces, by macOS' own `plutil`. `exists`: null where nobody can tell. */
export function createPreferencesSource(run: Run, exists: (file: string) => Promise<boolean | null>): Source {
  return {
    name: 'preferences',
    async find(): Promise<Found> {
      if ((await exists(PREFERENCES_FILE)) === false) return { kind: 'none' };
      const answer = await run('/usr/bin/plutil', ['-convert', 'json', '-o', '-', PREFERENCES_FILE]);
      if (answer === null || answer.code !== 0) return { kind: 'problem', code: 'unreadable' };
      if (answer.stdout.length > DOCUMENT_MAX) return { kind: 'problem', code: 'too-large' };
      try {
        const forced = jsonValue(answer.stdout);
        if (typeof forced !== 'object' || forced === null) return { kind: 'problem', code: 'not-an-object' };
        return { kind: 'document', document: nested(Object.entries(forced)) };
      } catch {
        return { kind: 'problem', code: 'not-json' };
      }
    },
  };
}
