import { join } from 'node:path';
import leveldb from 'pouchdb-adapter-leveldb';
import PouchDB from 'pouchdb-core';
import mapReduce from 'pouchdb-mapreduce';
import { type Contender, storeFolder } from './contender.ts';

PouchDB.plugin(leveldb).plugin(mapReduce);

/** PouchDB gives a view its rows through a global of this name. */
declare const emit: (key: unknown) => void;

/**
 * What the cache can be searched by, as a PouchDB view: patient and date, code, name, identifier. Run by PouchDB from
 * its text, so it refers to nothing outside.
 */
function map(document: { resource: Record<string, unknown> }): void {
  // biome-ignore lint/suspicious/noExplicitAny: a view reads documents of any shape
  const resource = document.resource as any;
  const type = resource.resourceType;
  const patient = (resource.subject ?? resource.patient)?.reference;
  const date = resource.effectiveDateTime ?? resource.authoredOn ?? resource.onsetDateTime ?? resource.period?.start;
  emit(['patient', patient, type, date]);
  for (const concept of [resource.code, resource.medicationCodeableConcept, resource.vaccineCode]) {
    for (const coding of concept?.coding ?? []) emit(['code', type, coding.system, coding.code, date]);
  }
  for (const identifier of resource.identifier ?? []) emit(['identifier', type, identifier.system, identifier.value]);
  for (const name of Array.isArray(resource.name) ? resource.name : []) {
    for (const word of [name.family, ...(name.given ?? [])]) emit(['name', type, String(word).toLowerCase()]);
  }
}

/**
 * PouchDB over LevelDB, not encrypted. `pouchdb` keeps documents alone; `pouchdb-indexed` brings its view up to date
 * after each `ingest`, so that what has come can be searched.
 */
export function pouchdb(name: 'pouchdb' | 'pouchdb-indexed'): Contender {
  const folder = storeFolder(name);
  // The views' own folders stand beside it.
  const db = new PouchDB(join(folder.path, 'documents'), { adapter: 'leveldb' });
  const design = { _id: '_design/search', views: { all: { map: map.toString() } } };
  const designed = name === 'pouchdb-indexed' ? db.put(design) : Promise.resolve();
  return {
    name,
    async ingest(pages) {
      await designed;
      const documents = pages
        .flatMap(({ resources }) => resources)
        .map((body) => {
          const resource = JSON.parse(body) as { resourceType: string; id: string };
          return { _id: `${resource.resourceType}/${resource.id}`, resource };
        });
      const answers = await db.bulkDocs(documents);
      const failed = answers.find((answer) => 'error' in answer);
      if (failed) throw new Error(`PouchDB did not take ${failed.id}`);
      if (name === 'pouchdb-indexed') await db.query('search/all', { limit: 1 });
    },
    async close() {
      await db.close();
      folder.remove();
    },
  };
}
