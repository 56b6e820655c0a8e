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

const RESOLVER = '127.0.0.99';
/** Where the first name of a question is (RFC 1035, 4.1), and what says that there is no such name. */
const QUESTION_AT = 12;
const NO_SUCH_NAME = [0x81, 0x83];

/** The name that a question asks for. */
function nameIn(question: Buffer): string {
  const labels: string[] = [];
  for (let at = QUESTION_AT; (question[at] ?? 0) > 0; at += 1 + (question[at] ?? 0)) {
    labels.push(question.toString('latin1', at + 1, at + 1 + (question[at] ?? 0)));
  }
  return labels.join('.');
}

/** A name server that knows no name, and tells which it was asked for. Needs root. */
export async function startResolver(): Promise<{ address: string; asked(): string[]; end(): void }> {
  const asked = new Set<string>();
  const socket = createSocket('udp4', (question, from) => {
    asked.add(nameIn(question));
    const answer = Buffer.from(question);
    answer.set(NO_SUCH_NAME, 2);
    socket.send(answer, from.port, from.address);
  });
  socket.bind(53, RESOLVER);
  await once(socket, 'listening');
  return { address: RESOLVER, asked: () => [...asked], end: () => socket.close() };
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
