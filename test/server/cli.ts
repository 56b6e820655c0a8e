import { parseArgs } from 'node:util';
import { type DevServerOptions, startServer } from './index.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    data: { type: 'string' },
    patients: { type: 'string' },
    seed: { type: 'string' },
  },
});

const options: DevServerOptions = { files: true, onProgress: (message) => console.error(message) };
if (values.port !== undefined) options.port = Number(values.port);
if (values.data !== undefined) options.data = values.data;
if (values.patients !== undefined) options.patients = Number(values.patients);
if (values.seed !== undefined) options.seed = Number(values.seed);

const server = await startServer(options);
console.log(JSON.stringify({ url: server.url, issuer: server.issuer, users: server.users }));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void server.stop().then(() => process.exit(0)));
}
