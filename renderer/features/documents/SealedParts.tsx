import { Late } from '../../app/Late.tsx';
import { sealedField } from './sealedField.ts';

interface Props {
  readonly patientId: string;
  readonly type: string;
  readonly id: string;
  /** What is encrypted in the record; nothing is shown where that is nothing. */
  readonly paths: readonly string[];
  readonly masked?: string;
}

/** Beside a line that says that something of it is encrypted: what opens it. */
export function SealedParts({ patientId, type, id, paths, masked = '' }: Props) {
  if (paths.length === 0) return null;
  return <Late chunk={sealedField} props={{ patientId, type, id, paths, masked, brief: true }} fallback={masked} />;
}
