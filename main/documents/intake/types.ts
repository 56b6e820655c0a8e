import type { Transform } from 'node:stream';
import type { Answer, Inspected, IntakeError, IntakeRules } from '../types.ts';

/** What looks at files before they are encrypted, and again at the first bytes of what was opened. */
export interface Intake {
  /** What a file is, by its content; refused by its size, its kind, or for what it hides. */
  inspect(path: string, rules: IntakeRules): Promise<Answer<Inspected, IntakeError>>;
  /**
   * Takes place, time and camera out of a photo as it goes by, and leaves how it is to be turned; null for what has
   * nothing to take out. Ends with an error where the bytes are not what `inspect` saw.
   */
  strip(contentType: string): Transform | null;
  /** What something is by its first bytes (`SNIFFED` of them, or all): the same that `inspect` says of it. */
  kindOf(firstBytes: Uint8Array): Promise<Inspected>;
}
