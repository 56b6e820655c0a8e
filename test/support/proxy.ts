import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** A hospital's HTTP proxy on loopback. */
export interface TestProxy {
  readonly address: string;
  /** Hosts with port to which a tunnel was asked for. */
  readonly tunnels: string[];
  stop(): void;
}

/** `needsSignIn`: it lets nobody through who doesn't sign in to it. */
export async function startProxy({ needsSignIn = false } = {}): Promise<TestProxy> {
  const tunnels: string[] = [];
  const server = createServer((_request, response) => response.writeHead(403).end());
  server.on('connect', (request, socket) => {
    const target = request.url ?? '';
    tunnels.push(target);
    if (needsSignIn) {
      socket.end('HTTP/1.1 407 Sign in\r\nProxy-Authenticate: Basic realm="hospital"\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const [host = '', port = ''] = target.split(':');
    const server = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      server.pipe(socket).pipe(server);
    });
    server.on('error', () => socket.destroy());
    socket.on('error', () => server.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A proxy script (PAC) that sends everything to one proxy, served as a hospital's network does. */
export async function startProxyScript(proxy: string): Promise<{ url: string; stop(): void }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/x-ns-proxy-autoconfig');
    response.end(`function FindProxyForURL() { return 'PROXY ${proxy}'; }`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/proxy.pac`,
    stop: () => server.close(),
  };
}
