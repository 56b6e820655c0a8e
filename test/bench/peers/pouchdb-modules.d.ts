/* What the bench uses of PouchDB. Its published types redeclare Node's Buffer for the whole program. */

declare module 'pouchdb-core' {
  export default class PouchDB {
    static plugin(plugin: unknown): typeof PouchDB;
    constructor(name: string, options: { adapter: string });
    put(document: object): Promise<object>;
    bulkDocs(documents: readonly object[]): Promise<({ id?: string } & ({ error: unknown } | { ok: true }))[]>;
    query(view: string, options: { limit: number }): Promise<object>;
    close(): Promise<void>;
  }
}

declare module 'pouchdb-adapter-leveldb' {
  const plugin: unknown;
  export default plugin;
}

declare module 'pouchdb-mapreduce' {
  const plugin: unknown;
  export default plugin;
}
