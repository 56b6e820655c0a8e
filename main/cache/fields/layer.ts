import { stringify } from 'lossless-json';
import {
  blindIn,
  contentOf,
  isObject,
  KEPT,
  type Mark,
  marksOf,
  mask,
  maskedBy,
  type Place,
  placesAt,
  placesMasked,
  put,
  SEALED,
} from '../../documents/fields/elements.ts';
import { dropNarrative, maskNarrative, narrativeIn } from '../../documents/fields/whole.ts';
import { type Facts, factsOf } from '../ingest/facts.ts';
import { items, text } from '../json.ts';
import type { ReadDb, WriteDb } from '../open.ts';
import { isUnclear, readResource } from '../outbox/content.ts';
import { sql } from '../statements.ts';
import { type Belonging, type Box, createBox } from './box.ts';
import { ensureFieldKey, readFieldKey } from './key.ts';

/*
 * The second layer: fields that policy marks, and those that are sealed, are in the cache's own encryption beside the
 * database's. What is stored holds them masked, so that no view, no search and no index ever meets them.
 */

/** What policy marks; `blindIndex`: equal values may be found. */
export interface FieldMark extends Mark {
  readonly blindIndex: boolean;
}

export interface FieldLayer {
  /** What is stored of a resource: the same, where nothing in it is marked. */
  laid(facts: Facts): Facts;
  /** The text with what is marked in it masked. */
  masked(text: string): string;
  /** The text as it was before. */
  original(body: string): string;
  /** A text that is no resource in the layer's encryption, and back; null where it isn't what was closed as that. */
  close(text: string, of: Belonging): string;
  open(closed: string, of: Belonging): string | null;
  /** Keeps the hashes of a resource that is stored under `rid`, in place of older ones. */
  index(rid: number, facts: Facts): void;
  /** Drops the hashes of a resource that is removed. */
  forget(rid: number): void;
}

type Resource = Record<string, unknown>;

const layers = new WeakMap<ReadDb, FieldLayer>();

/** Lets what is stored through a connection have the layer. */
export function setFieldLayer(db: WriteDb, marks: readonly FieldMark[], wrapping: Uint8Array): void {
  layers.set(db, createLayer(db, marks, wrapping));
}

/** The layer of a connection; a resource without marked or sealed fields costs two look-ups. */
export function fieldLayer(db: ReadDb): FieldLayer {
  return layers.get(db) ?? NONE;
}

const NONE: FieldLayer = {
  laid: (facts) => facts,
  masked: (text) => text,
  original: (text) => text,
  close() {
    throw new Error('no field layer');
  },
  open: () => null,
  index: () => undefined,
  forget: () => undefined,
};

function createLayer(db: WriteDb, marks: readonly FieldMark[], wrapping: Uint8Array): FieldLayer {
  const marked = new Set(marks.map(({ type }) => type));
  const indexed = new Set(marks.flatMap(({ type, blindIndex }) => (blindIndex ? [type] : [])));
  let made: Box | null = null;
  const box = () => {
    made ??= createBox(ensureFieldKey(db, wrapping));
    return made;
  };

  function laid(facts: Facts): Facts {
    if (!marked.has(facts.type) && !isLabelledMasked(facts.resource)) return facts;
    const read = readResource(facts.body);
    const resource = read as Resource;
    if (!lay(resource, marksOf(marks, resource), box)) return facts;
    const stored = factsOf(stringify(resource) ?? '');
    if (!stored) throw new Error('a masked resource is none');
    // What could be read of an unclear text is a part of it, and never the base of a change.
    return { ...stored, subsetted: stored.subsetted || isUnclear(read) };
  }

  const forget = (rid: number) => void sql(db, 'DELETE FROM field_index WHERE rid = ?').run(rid);

  function index(rid: number, { type, body }: Facts): void {
    if (!indexed.has(type)) return;
    forget(rid);
    const whole = readResource(body) as Resource;
    for (const { path, blindIndex } of marksOf(marks, whole)) {
      if (!blindIndex) continue;
      for (const place of placesAt(whole, path)) {
        const content = contentOf(place);
        // Whoever sealed it has hashed it: the value itself isn't known here.
        const value = maskedBy(content, SEALED) === undefined ? content.value : blindIn(content);
        if (typeof value !== 'string') continue;
        sql(db, 'INSERT OR IGNORE INTO field_index (hash, rid) VALUES (?, ?)').run(box().blind(type, path, value), rid);
      }
    }
  }

  return {
    laid,
    masked(whole) {
      // Most have none, and needn't be read for it.
      if (marks.length === 0 && !whole.includes('MASKED')) return whole;
      const facts = factsOf(whole);
      return facts ? laid(facts).body : whole;
    },
    original(body) {
      // Cheap to ask of the text, which is ours where it has one.
      if (!body.includes(KEPT)) return body;
      return originalText(body, box());
    },
    close: (text, of) => box().close(text, of),
    open: (closed, of) => box().open(closed, of),
    index,
    forget,
  };
}

/** Whoever seals a field says so in the labels, which few records have. */
function isLabelledMasked(resource: unknown): boolean {
  return items(resource, 'meta', 'security').some((label) => text(label, 'code') === 'MASKED');
}

/** Masks what is marked, and what is sealed, in place; false where there is nothing of either. */
function lay(resource: Resource, marks: readonly FieldMark[], box: () => Box): boolean {
  const laid = new Set<string>();
  const close = (place: Place) => {
    if (laid.has(place.at)) return;
    mask(place, KEPT, box().close(stringify(contentOf(place)) ?? '', belonging(resource, place.at)));
    laid.add(place.at);
  };
  for (const { path } of marks) for (const place of placesAt(resource, path)) close(place);
  // What the narrative says of them is masked with them.
  const isTold = laid.size > 0 && resource['text'] !== undefined;
  for (const place of placesMasked(resource, SEALED)) close(place);
  const sealed = narrativeIn(resource, SEALED);
  if (!isTold && sealed === undefined) return laid.size > 0;
  const content = { text: isTold ? resource['text'] : undefined, sealed };
  dropNarrative(resource, SEALED);
  maskNarrative(resource, KEPT, box().close(stringify(content) ?? '', belonging(resource, 'text')));
  return true;
}

/** By the text itself: the row's version is forgotten when a server was reset. */
export function belonging(resource: Resource, at: string): Belonging {
  const { resourceType, id, meta } = resource;
  const version = isObject(meta) ? meta['versionId'] : undefined;
  return { type: String(resourceType), id: String(id), at, version: typeof version === 'string' ? version : '' };
}

function originalText(body: string, box: Box): string {
  const resource = readResource(body) as Resource;
  for (const place of placesMasked(resource, KEPT)) {
    const content = openKept(maskedBy(contentOf(place), KEPT) ?? '', belonging(resource, place.at), box);
    if (content) put(place, content);
  }
  const narrative = narrativeIn(resource, KEPT);
  const content = narrative === undefined ? null : openKept(narrative, belonging(resource, 'text'), box);
  if (content) {
    const { text: told, sealed } = content;
    dropNarrative(resource, KEPT);
    if (typeof sealed === 'string') maskNarrative(resource, SEALED, sealed);
    if (told !== undefined) resource['text'] = told;
  }
  return stringify(resource) ?? '';
}

/** What an extension of the layer holds; null where it is none of ours, as a server may send anything. */
export function openKept(carried: string, of: Belonging, box: Box): Resource | null {
  const text = box.open(carried, of);
  return text === null ? null : (readResource(text) as Resource);
}

/** The text of a stored resource as the server wrote it, by a key that the reader was handed for this once. */
export function originalBy(db: ReadDb, body: string, wrapping: Uint8Array): string {
  if (!body.includes(KEPT)) return body;
  const key = readFieldKey(db, wrapping);
  try {
    return key ? originalText(body, createBox(key)) : body;
  } finally {
    key?.fill(0);
    wrapping.fill(0);
  }
}
