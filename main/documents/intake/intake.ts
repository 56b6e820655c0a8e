import type { Answer, Excess, Inspected, Intake, IntakeError, IntakeRules } from '../types.ts';
import { isAmbiguous } from './ambiguous.ts';
import { archiveHides } from './archives.ts';
import { excessOf } from './excess/excess.ts';
import { kindOf, SNIFFED } from './kind.ts';
import { openSource, type Source } from './source.ts';
import { createStrip } from './strip/strip.ts';

/** Looks at files before they are encrypted. In the documents process, so that nothing that parses them runs in main. */
export function createIntake(): Intake {
  return { inspect, strip: createStrip, kindOf, excessOf };
}

async function inspect(file: string | Buffer, rules: IntakeRules): Promise<Answer<Inspected, IntakeError>> {
  let source: Source | null = null;
  try {
    source = await openSource(file);
    return source ? await inspectSource(source, rules) : refused('file-unreadable');
  } catch {
    // Whatever the operating system says of it: the name of the file stays out of every message.
    return refused('file-unreadable');
  } finally {
    await source?.close();
  }
}

async function inspectSource(source: Source, rules: IntakeRules): Promise<Answer<Inspected, IntakeError>> {
  if (source.size === 0) return refused('file-empty');
  if (source.size > rules.maxBytes) return refused('file-too-large');
  const head = await source.bytes(0, SNIFFED);
  const inspected = await kindOf(head);
  if (await isAmbiguous(source, head, inspected)) return refused('file-ambiguous');
  if (!rules.kinds.includes(inspected.kind)) return refused('file-kind-refused');
  if (!rules.encryptedArchives && (await archiveHides(source, head))) return refused('file-archive-encrypted');
  const excess = await excessOf(source, inspected, rules);
  return excess ? refused(REFUSALS[excess]) : { ok: true, value: inspected };
}

const REFUSALS: Readonly<Record<Excess, IntakeError>> = {
  'too-many-pixels': 'file-too-many-pixels',
  bomb: 'file-bomb',
  // It is damaged, or made to mislead.
  'not-there': 'file-ambiguous',
};

function refused(code: IntakeError): Answer<Inspected, IntakeError> {
  return { ok: false, error: { code } };
}
