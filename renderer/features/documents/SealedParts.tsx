import { bridge } from '../../app/bridge.ts';
import { Late } from '../../app/Late.tsx';
import { usePast } from '../../app/past.ts';
import { t } from '../../words/t.ts';
import type { FieldLook } from './SealedField.tsx';
import { sealedField } from './sealedField.ts';

interface Props extends FieldLook {
  readonly patientId: string;
  readonly type: string;
  readonly id: string;
  /** What is encrypted in the record; nothing is shown where that is nothing. */
  readonly paths: readonly string[];
}

/** Beside a line that says that something of it is encrypted, or in its place: what opens it. */
export function SealedParts({ patientId, type, id, paths, brief = true, ...look }: Props) {
  const past = usePast();
  if (paths.length === 0) return null;
  // What would be opened is what the record says now.
  if (past !== null) return t('Encrypted');
  const open = paths.map((path) => () => bridge().sealed.reveal({ patientId, type, id, path }));
  const field = [patientId, type, id, ...paths].join();
  return <Late chunk={sealedField} props={{ ...look, brief, field, open }} fallback={look.masked ?? null} />;
}
