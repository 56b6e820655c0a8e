import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Somebody outside, who would see what a page sends, whatever it is. */
export interface Witness {
  readonly address: string;
  /** What has come since it was last asked: `tcp` or `udp`, once for each connection or datagram. */
  seen(): string[];
  end(): void;
}

/** Listens for connections and datagrams at one port of this computer. */
export async function startWitness(): Promise<Witness> {
  const seen: string[] = [];
  const connections = createServer((socket) => {
    seen.push('tcp');
    socket.on('error', () => undefined).destroy();
  });
  connections.listen(0, '127.0.0.1');
  await once(connections, 'listening');
  const { port } = connections.address() as AddressInfo;
  const datagrams = createSocket('udp4', () => seen.push('udp'));
  datagrams.bind(port, '127.0.0.1');
  await once(datagrams, 'listening');
  return {
    address: `http://127.0.0.1:${port}/`,
    seen: () => seen.splice(0),
    end() {
      connections.close();
      datagrams.close();
    },
  };
}
