import { createChunk } from '../../app/chunk.ts';

/** With the words for what can be wrong with encryption, which few records need. */
export const sealedField = createChunk(() => import('./SealedField.tsx'));
