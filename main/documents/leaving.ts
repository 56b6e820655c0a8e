import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditError } from '../../preload/contract/audit.ts';
import type { Files } from '../access/files.ts';
import type { DocumentsPolicy } from '../managed/documents.ts';
import type { Opening } from './opening.ts';
import type { Answer, DocumentsProcess } from './types.ts';

export interface LeavingOptions {
  readonly files: Pick<Files, 'export'>;
  readonly opening: Pick<Opening, 'find'>;
  readonly process: Pick<DocumentsProcess, 'save'>;
  readonly policy: Pick<DocumentsPolicy, 'saveAs' | 'openWith'>;
  /** The OS's dialog: where to save; null where a person has cancelled. */
  readonly askWhere: (name: string) => Promise<string | null>;
  /** Hands a file to the program that the OS has for it; false where there is none. */
  readonly openPath: (path: string) => Promise<boolean>;
  /** Private to the user; what is in it is removed with the lock and at the next start. */
  readonly folder: string;
  readonly makeFolder: (path: string) => Promise<void>;
}

type LeavingError = 'not-open' | 'not-permitted' | 'disk-full' | 'store-failed' | AuditError;

/** Lets an opened document leave Wardlight unencrypted, where policy allows it. Each is decided and recorded first. */
export interface Leaving {
  saveAs(handle: string): Promise<Answer<{ name: string } | null, LeavingError>>;
  openWith(handle: string): Promise<Answer<Record<string, never>, LeavingError>>;
  /** Removes what was handed to other programs. */
  clear(): Promise<void>;
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'application/dicom': 'dcm',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/bmp': 'bmp',
  'image/tiff': 'tif',
  'text/plain': 'txt',
};

/** In the folder of a profile. */
export const HANDED_OVER = join('documents', 'handed-over');

/**
 * Removes what other programs were handed of any profile under a folder, at the start of the program: one that had it open at
 * the lock may have kept it there, and whose it is may never come back.
 */
export async function clearHandedOver(profiles: string): Promise<void> {
  const entries = await readdir(profiles, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory());
  await Promise.all(folders.map(({ name }) => removeFolder(join(profiles, name, HANDED_OVER))));
}

/** A viewer that still has a file open may keep it from being removed for a moment. */
function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

export function createLeaving(options: LeavingOptions): Leaving {
  const { files, opening, process, policy, folder } = options;

  /** Nothing of the patient is in the name. */
  const nameOf = (contentType: string) => {
    const extension = EXTENSIONS[contentType.split(';')[0]?.trim() ?? ''];
    return extension === undefined ? 'document' : `document.${extension}`;
  };

  async function leave(
    handle: string,
    isAllowed: boolean,
    recipient: string,
    where: (name: string) => Promise<string | null>,
  ): Promise<Answer<string | null, LeavingError>> {
    const document = opening.find(handle);
    if (!document) return failed('not-open');
    if (!isAllowed) return failed('not-permitted');
    const target = await where(nameOf(document.contentType));
    if (target === null) return { ok: true, value: null };
    const permitted = await files.export(document, recipient);
    if (!permitted.ok) return permitted;
    const saved = await process.save({ handle, target });
    return saved.ok ? { ok: true, value: target } : saved;
  }

  return {
    async saveAs(handle) {
      const saved = await leave(handle, policy.saveAs, 'file', options.askWhere);
      if (!saved.ok) return saved;
      return { ok: true, value: saved.value === null ? null : { name: saved.value.split(/[\\/]/).at(-1) ?? '' } };
    },
    async openWith(handle) {
      const own = join(folder, handle);
      const left = await leave(handle, policy.openWith, 'other-program', async (name) => {
        await options.makeFolder(own);
        return join(own, name);
      });
      if (!left.ok) return left;
      const isTaken = left.value !== null && (await options.openPath(left.value));
      return isTaken ? { ok: true, value: {} } : failed('store-failed');
    },
    clear: () => removeFolder(folder),
  };
}

function failed<Code extends string>(code: Code): Answer<never, Code> {
  return { ok: false, error: { code } };
}
