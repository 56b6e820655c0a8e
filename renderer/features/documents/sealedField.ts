import { createChunk } from '../../app/chunk.ts';

/** How a field that is encrypted stands in its view. */
export interface FieldLook {
  /** What stands in its place as long as it is masked. */
  readonly masked?: string;
  /** In a line there is no room for what the button does besides; its title says it. */
  readonly brief?: boolean;
  /** It was opened. */
  readonly onShown?: (texts: readonly string[]) => void;
}

/** With the words for what can be wrong with encryption, which few records need. */
export const sealedField = createChunk(() => import('./SealedField.tsx'));
