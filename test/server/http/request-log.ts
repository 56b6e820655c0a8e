/** What a client sent, for tests that assert on requests. */
export interface RequestLogEntry {
  method: string;
  /** With the query. */
  path: string;
  /** Of the answer; 0 where the connection was dropped. */
  status: number;
  /** Of the answer's body, as sent (compressed). */
  bytes: number;
  headers: { 'if-match'?: string; 'if-none-exist'?: string; 'x-request-id'?: string };
}

const KEPT = 5_000;
const HEADERS = ['if-match', 'if-none-exist', 'x-request-id'] as const;

export function logRequest(
  log: RequestLogEntry[],
  method: string,
  path: string,
  header: (name: string) => string | undefined,
): RequestLogEntry {
  const entry: RequestLogEntry = { method, path, status: 0, bytes: 0, headers: {} };
  for (const name of HEADERS) {
    const value = header(name);
    if (value !== undefined) entry.headers[name] = value;
  }
  log.push(entry);
  if (log.length > KEPT) log.splice(0, log.length - KEPT);
  return entry;
}
