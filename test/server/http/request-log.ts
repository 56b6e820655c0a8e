import type { IncomingMessage } from 'node:http';

/** What a client sent, for tests that assert on requests. */
export interface RequestLogEntry {
  method: string;
  /** With the query. */
  path: string;
  /** Of the answer; 0 where the connection was dropped. */
  status: number;
  headers: { 'if-match'?: string; 'if-none-exist'?: string; 'x-request-id'?: string };
}

const KEPT = 5_000;
const HEADERS = ['if-match', 'if-none-exist', 'x-request-id'] as const;

export function logRequest(log: RequestLogEntry[], request: IncomingMessage): RequestLogEntry {
  const entry: RequestLogEntry = { method: request.method ?? 'GET', path: request.url ?? '/', status: 0, headers: {} };
  for (const name of HEADERS) {
    const value = request.headers[name];
    if (value !== undefined) entry.headers[name] = String(value);
  }
  log.push(entry);
  if (log.length > KEPT) log.splice(0, log.length - KEPT);
  return entry;
}
