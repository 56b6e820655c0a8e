import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request that a receiver was sent. */
export interface Received {
  readonly method: string;
  /** Whole, as the sender has it. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface WebhookAnswer {
  readonly status: number;
  readonly headers?: Record<string, string>;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** What it says to the next requests, in turn, before what it says to all others. */
  answer(...answers: readonly WebhookAnswer[]): void;
  /** What it says to all others; 204 at first. */
  answerAll(answer: WebhookAnswer): void;
  close(): Promise<void>;
}

/** A service of an organisation that is told of alarms, on loopback. */
export async function startWebhook(): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const answers: WebhookAnswer[] = [];
  let toAll: WebhookAnswer = { status: 204 };
  let url = '';
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { method = '', headers } = request;
    received.push({ method, url: new URL(request.url ?? '', url).href, headers, body });
    const { status, headers: told = {} } = answers.shift() ?? toAll;
    response.writeHead(status, told).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alarms`;
  return {
    url,
    received,
    answer: (...next) => void answers.push(...next),
    answerAll(answer) {
      toAll = answer;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
