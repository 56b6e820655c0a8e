/** The driver ships types that its `exports` hide; its interface is better-sqlite3's and the key. */
declare module 'better-sqlite3-multiple-ciphers' {
  import type BetterSqlite3 from 'better-sqlite3';

  export interface Database extends BetterSqlite3.Database {
    /** Hands the key over as bytes, which can be wiped afterwards. */
    key(key: Buffer): number;
    rekey(key: Buffer): number;
  }
  export type Statement = BetterSqlite3.Statement<unknown[], unknown>;

  const Sqlite: new (file: string, options?: BetterSqlite3.Options) => Database;
  export default Sqlite;
}
