import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network that can be cut after so many bytes. */
export interface CuttingProxy {
  readonly port: number;
  /** Bytes that went to the server. */
  sent(): number;
  /** Bytes in both directions. */
  passed(): number;
  /** Lets so many bytes through in both directions together, and then nothing more; null: everything. */
  cutAfter(bytes: number | null, onCut?: () => void): void;
  stop(): void;
}

/** Carries bytes between a client and a server on loopback, and counts them. */
export async function startCuttingProxy(target: number | (() => number)): Promise<CuttingProxy> {
  let left: number | null = null;
  let sent = 0;
  let passed = 0;
  let onCut: () => void = () => undefined;
  const sockets = new Set<Socket>();

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  function pass(chunk: Buffer, to: Socket): number {
    const part = left === null ? chunk : chunk.subarray(0, left);
    if (left !== null) left -= part.length;
    passed += part.length;
    to.write(part);
    if (left !== 0) return part.length;
    // What was let through arrives before the end does.
    to.end();
    cut();
    onCut();
    return part.length;
  }

  const server = createServer((client) => {
    if (left === 0) {
      client.destroy();
      return;
    }
    const upstream = connect(typeof target === 'number' ? target : target(), '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    client.on('data', (chunk) => {
      sent += pass(chunk, upstream);
    });
    upstream.on('data', (chunk) => void pass(chunk, client));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => sent,
    passed: () => passed,
    cutAfter(bytes, told = () => undefined) {
      left = bytes;
      onCut = told;
    },
    stop() {
      cut();
      server.close();
    },
  };
}
