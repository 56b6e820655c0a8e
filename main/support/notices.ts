import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../../preload/contract/channel.ts';

const PIECE = 200_000;

export interface NoticesPiece {
  readonly missing: boolean;
  readonly text: string;
  readonly more: boolean;
}

/** By which the page reads them, piece by piece. */
export interface Notices {
  read(request: { piece: number }): Promise<Result<NoticesPiece, 'store-failed'>>;
}

/** Third-party notices, as the package brings them; a program that runs from its sources has none. */
export function createNotices(resources: string): Notices {
  return {
    async read({ piece }) {
      try {
        const text = await readFile(join(resources, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
        const end = (piece + 1) * PIECE;
        return { ok: true, value: { missing: false, text: text.slice(end - PIECE, end), more: end < text.length } };
      } catch (error) {
        const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
        if (isMissing) return { ok: true, value: { missing: true, text: '', more: false } };
        return { ok: false, error: { code: 'store-failed' } };
      }
    },
  };
}
