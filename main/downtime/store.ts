import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { binder } from '../../preload/contract/downtime.ts';
import { fhirId } from '../../preload/contract/fhir.ts';

/** A sealed file that stays (main/documents/opened/sealed-file.ts), as compose.ts hands it over. */
export interface SealedFiles {
  create(
    path: string,
    key: KeyObject,
  ): Promise<{
    write(bytes: Uint8Array): Promise<void>;
    commit(): Promise<{ close(): Promise<void> }>;
    discard(): Promise<void>;
  }>;
  open(
    path: string,
    key: KeyObject,
  ): Promise<{ readonly size: number; read(offset: number, length: number): Promise<Buffer>; close(): Promise<void> }>;
}

const keptBinder = binder.extend({
  /** Whose sheets are in it. */
  patientIds: z.array(fhirId).max(500),
});
export type KeptBinder = z.infer<typeof keptBinder>;

const head = z.strictObject({ binder: keptBinder, html: z.int().min(0), pdf: z.int().min(0) });

/** A binder with its pages, and the document that they were made of, by which it is printed. */
export interface BinderContent {
  readonly html: string;
  readonly pdf: Buffer;
}

/** Binders of one profile, encrypted. */
export interface BinderStore {
  /** All that can be read, the newest first; what can't is removed. */
  list(): Promise<KeptBinder[]>;
  keep(one: KeptBinder, content: BinderContent): Promise<void>;
  /** Null where it is damaged, or not there. */
  read(id: string): Promise<BinderContent | null>;
  remove(id: string): Promise<void>;
}

export interface StoreOptions {
  readonly folder: string;
  readonly profileId: string;
  /** Derived from the cache key for this purpose (`binderKey`). */
  readonly key: Uint8Array;
  readonly files: SealedFiles;
  readonly makeFolder: (path: string) => Promise<void>;
}

const LENGTH_BYTES = 4;
const HEAD_MAX = 1 << 20;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The key by which binders' keys are made, of the cache's key. */
export function binderKey(cacheKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', cacheKey, '', 'wardlight downtime binders', 32));
}

export function createBinderStore({ folder, profileId, key, files, makeFolder }: StoreOptions): BinderStore {
  const pathOf = (id: string) => join(folder, id);
  /** Of this file alone, and bound to the profile: its chunks are numbered from the beginning. */
  const keyOf = (id: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', key, id, `wardlight downtime binder of ${profileId}`, 32)));

  async function opened<Value>(
    id: string,
    work: (file: Awaited<ReturnType<SealedFiles['open']>>, told: z.infer<typeof head>, at: number) => Promise<Value>,
  ): Promise<Value | null> {
    try {
      const file = await files.open(pathOf(id), keyOf(id));
      try {
        const length = (await file.read(0, LENGTH_BYTES)).readUInt32BE();
        if (length > HEAD_MAX) return null;
        const told = head.parse(JSON.parse((await file.read(LENGTH_BYTES, length)).toString()));
        const at = LENGTH_BYTES + length;
        const isWhole = told.binder.id === id && file.size === at + told.html + told.pdf;
        return isWhole ? await work(file, told, at) : null;
      } finally {
        await file.close();
      }
    } catch {
      // Cut off, changed, of another key or another form: nothing of it is shown.
      return null;
    }
  }

  const remove = (id: string) => rm(pathOf(id), { force: true });

  return {
    async list() {
      const names = await readdir(folder).catch(() => []);
      const found: KeptBinder[] = [];
      for (const name of names) {
        const one = ID.test(name) ? await opened(name, async (_file, told) => told.binder) : null;
        if (one) found.push(one);
        else await rm(join(folder, name), { force: true });
      }
      return found.sort((a, b) => Date.parse(b.madeAt) - Date.parse(a.madeAt));
    },
    async keep(one, { html, pdf }) {
      await makeFolder(folder);
      const text = Buffer.from(html);
      const told = Buffer.from(JSON.stringify({ binder: one, html: text.length, pdf: pdf.length }));
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(told.length);
      const writer = await files.create(pathOf(one.id), keyOf(one.id));
      try {
        for (const part of [length, told, text, pdf]) await writer.write(part);
        await (await writer.commit()).close();
      } catch (error) {
        await writer.discard();
        throw error;
      }
    },
    read: (id) =>
      opened(id, async (file, { html, pdf }, at) => ({
        html: (await file.read(at, html)).toString(),
        pdf: await file.read(at + html, pdf),
      })),
    remove,
  };
}
