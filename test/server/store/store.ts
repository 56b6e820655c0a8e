import { randomUUID } from 'node:crypto';
import type { FhirResource } from 'fhir/r4';
import type { Dialect } from '../dialect.ts';
import { compartmentsOf, patientsOf } from '../search/parameters.ts';
import { createServerClock, type ServerClock } from './clock.ts';
import { referencesOf } from './references.ts';
import { stamp, toOneLine } from './text.ts';

/** One version of a resource; a deletion is a version without text. Immutable, so that exports and pages can hold it. */
export interface Version {
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
  readonly lastUpdated: string;
  /** Order of all writes of this server. */
  readonly sequence: number;
  /** Order of the resource's first write: the default order of searches. */
  readonly created: number;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly text: string | undefined;
  /** `Type/id` of all that it refers to. */
  readonly references: readonly string[];
  /** Ids of patients that a `patient=` search finds it by. */
  readonly patients: readonly string[];
  /** Ids of patients whose compartment holds it. */
  readonly compartments: readonly string[];
}

/** What tests may do with the data behind the server's back; each change is a version like any other. */
export interface Store {
  read(type: string, id: string): FhirResource | undefined;
  list(type: string): FhirResource[];
  versions(type: string, id: string): readonly Version[];
  /** Takes a resource, or its JSON text where number literals matter. */
  put(resource: FhirResource | string): Version;
  remove(type: string, id: string): boolean;
  count(type?: string): number;
  /** All that the store holds; what is written later leaves it as it is. */
  snapshot(): Snapshot;
  /** Goes back to a snapshot, as from a backup: later versions are forgotten, and numbers of versions given out again. */
  restore(snapshot: Snapshot): void;
}

/** Opaque; made and taken by the same store. */
export interface Snapshot {
  readonly entries: readonly { readonly created: number; readonly versions: readonly Version[] }[];
}

/** The store as the server itself uses it. */
export interface Repository extends Store {
  clock: ServerClock;
  current(type: string, id: string): Version | undefined;
  /** Current versions, deletions left out. */
  all(type: string): Version[];
  types(): string[];
  /** Current versions that refer to `Type/id`. */
  referring(target: string, type?: string): Version[];
  /** Versions of one type, or all, oldest first, deletions included. */
  log(type?: string): Version[];
  parsed(version: Version): FhirResource;
  write(text: string, type: string, id: string, method: 'POST' | 'PUT'): Version;
  erase(type: string, id: string): Version | undefined;
  newId(): string;
  /** Runs `work`; if it throws, everything written in it is undone. */
  atomically<T>(work: () => T): T;
}

interface Entry {
  created: number;
  versions: Version[];
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

export interface RepositoryOptions extends Partial<Pick<Dialect, 'versionIds' | 'decimals'>> {
  clock: () => Date;
  /** Ids of resources and versions; default: random. */
  newId?: (() => string) | undefined;
}

/** An in-memory store: texts by type and id with all their versions, indexed by what they refer to. */
export function createRepository(options: RepositoryOptions): Repository {
  const { clock: realClock, versionIds, decimals, newId = randomUUID } = options;
  const clock = createServerClock(realClock);
  const types = new Map<string, Map<string, Entry>>();
  const referrers = new Map<string, Map<string, Set<Entry>>>();
  const parsedTexts = new WeakMap<Version, WeakRef<FhirResource>>();
  let sequence = 0;
  let undo: (() => void)[] | undefined;

  const entryOf = (type: string, id: string) => types.get(type)?.get(id);
  const head = (entry: Entry) => entry.versions.at(-1);
  const nextVersionId = (entry: Entry | undefined) =>
    versionIds === 'uuid' ? newId() : String((entry?.versions.length ?? 0) + 1);
  const kept = (text: string) => (decimals === 'shortened' ? JSON.stringify(JSON.parse(text)) : toOneLine(text));

  function index(entry: Entry, version: Version | undefined, how: 'add' | 'delete'): void {
    for (const target of version?.references ?? []) {
      const byType = getOrAdd(referrers, target, () => new Map<string, Set<Entry>>());
      const set = getOrAdd(byType, version!.type, () => new Set<Entry>());
      set[how](entry);
    }
  }

  function append(version: Version): Version {
    const byId = getOrAdd(types, version.type, () => new Map<string, Entry>());
    const isNew = !byId.has(version.id);
    const written = getOrAdd(byId, version.id, () => ({ created: version.created, versions: [] }));
    const before = head(written);
    index(written, before, 'delete');
    written.versions.push(version);
    index(written, version, 'add');
    undo?.push(() => {
      index(written, version, 'delete');
      written.versions.pop();
      index(written, before, 'add');
      if (isNew) byId.delete(version.id);
    });
    return version;
  }

  const repository: Repository = {
    clock,
    current: (type, id) => {
      const entry = entryOf(type, id);
      return entry && head(entry);
    },
    all: (type) => [...(types.get(type)?.values() ?? [])].flatMap((entry) => head(entry) ?? []).filter((v) => v.text),
    types: () => [...types.keys()].sort(),
    referring(target, type) {
      const byType = referrers.get(target);
      const sets = type ? [byType?.get(type)] : [...(byType?.values() ?? [])];
      return sets.flatMap((set) => [...(set ?? [])].flatMap((entry) => head(entry) ?? []));
    },
    log(type) {
      const maps = type ? [types.get(type)] : [...types.values()];
      const found = maps.flatMap((map) => [...(map?.values() ?? [])].flatMap((entry) => entry.versions));
      return found.sort((a, b) => a.sequence - b.sequence);
    },
    parsed(version) {
      const known = parsedTexts.get(version)?.deref();
      if (known) return known;
      const resource = JSON.parse(version.text ?? '{}') as FhirResource;
      parsedTexts.set(version, new WeakRef(resource));
      return resource;
    },
    write(text, type, id, method) {
      const entry = entryOf(type, id);
      const lastUpdated = clock.next();
      const versionId = nextVersionId(entry);
      const stamped = stamp(kept(text), id, versionId, lastUpdated);
      const resource = JSON.parse(stamped) as FhirResource;
      sequence += 1;
      const version: Version = {
        type,
        id,
        versionId,
        lastUpdated,
        sequence,
        created: entry?.created ?? sequence,
        method,
        text: stamped,
        references: referencesOf(resource),
        patients: patientsOf(resource),
        compartments: compartmentsOf(resource),
      };
      return append(version);
    },
    erase(type, id) {
      const entry = entryOf(type, id);
      const before = entry && head(entry);
      if (!entry || !before?.text) return undefined;
      sequence += 1;
      return append({
        ...before,
        versionId: nextVersionId(entry),
        lastUpdated: clock.next(),
        sequence,
        method: 'DELETE',
        text: undefined,
        references: [],
      });
    },
    newId,
    atomically(work) {
      if (undo) return work();
      undo = [];
      try {
        return work();
      } catch (error) {
        for (const step of undo.reverse()) step();
        throw error;
      } finally {
        undo = undefined;
      }
    },
    read(type, id) {
      const version = repository.current(type, id);
      return version?.text ? repository.parsed(version) : undefined;
    },
    list: (type) => repository.all(type).map(repository.parsed),
    versions: (type, id) => entryOf(type, id)?.versions ?? [],
    put(resource) {
      const { resourceType, id } = typeof resource === 'string' ? (JSON.parse(resource) as FhirResource) : resource;
      const text = typeof resource === 'string' ? resource : JSON.stringify(resource);
      return repository.write(text, resourceType, id ?? newId(), 'PUT');
    },
    remove: (type, id) => repository.erase(type, id) !== undefined,
    snapshot: () => ({
      entries: [...types.values()].flatMap((byId) =>
        [...byId.values()].map(({ created, versions }) => ({ created, versions: [...versions] })),
      ),
    }),
    restore({ entries }) {
      types.clear();
      referrers.clear();
      for (const { created, versions } of entries) {
        const [first] = versions;
        const entry: Entry = { created, versions: [...versions] };
        if (first) getOrAdd(types, first.type, () => new Map<string, Entry>()).set(first.id, entry);
        index(entry, head(entry), 'add');
      }
    },
    count: (type) => (type ? [type] : repository.types()).reduce((sum, t) => sum + repository.all(t).length, 0),
  };
  return repository;
}
