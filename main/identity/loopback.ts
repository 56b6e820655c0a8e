import type { AddressInfo } from 'node:net';

/** Waits on an ephemeral loopback port for the browser to come back (RFC 8252, section 7.3). */
export interface LoopbackRedirect {
  readonly redirectUri: string;
  /** The URL that the browser asked for; rejects when `close` comes first. */
  readonly callback: Promise<URL>;
  close(): void;
}

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Wardlight</title>
<style>body{font:16px system-ui,sans-serif;margin:20vh auto;max-width:28em;text-align:center;color-scheme:light dark}</style>
<h1>You can go back to Wardlight</h1><p>The server has answered. This page may be closed.</p></html>`;

const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  Connection: 'close',
};

export async function openLoopbackRedirect(): Promise<LoopbackRedirect> {
  // Not on the way to the first screen: Node loads a whole HTTP client with it.
  const { createServer } = await import('node:http');
  const { promise, resolve, reject } = withResolvers<URL>();
  // Nobody may be waiting any more when it is closed; that is no unhandled failure.
  promise.catch(() => undefined);
  let origin = '';
  let isTaken = false;
  const server = createServer((request, response) => {
    // Anything on this computer, and any page in the browser, can send anything here.
    const target = request.url ?? '/';
    const url = URL.canParse(target, origin) ? new URL(target, origin) : null;
    const isCallback = request.method === 'GET' && url?.origin === origin && url.pathname === '/callback';
    if (!isCallback || isTaken) {
      response.writeHead(404, { Connection: 'close' }).end();
      return;
    }
    isTaken = true;
    response.writeHead(200, HEADERS).end(PAGE, () => resolve(url));
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    redirectUri: `${origin}/callback`,
    callback: promise,
    close() {
      server.close();
      server.closeAllConnections();
      reject(new Error('closed'));
    },
  };
}

/** `Promise.withResolvers` is newer than the oldest runtime that this runs in. */
function withResolvers<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<Value>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}
