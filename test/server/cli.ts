import { parseArgs } from 'node:util';
import { type DevServerOptions, startServer } from './index.ts';
import { developmentKeys } from './keys/development.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    data: { type: 'string' },
    patients: { type: 'string' },
    seed: { type: 'string' },
    keys: { type: 'string' },
  },
});

const options: DevServerOptions = { files: true, onProgress: (message) => console.error(message) };
if (values.port !== undefined) options.port = Number(values.port);
if (values.data !== undefined) options.data = values.data;
if (values.patients !== undefined) options.patients = Number(values.patients);
if (values.seed !== undefined) options.seed = Number(values.seed);
if (values.keys !== undefined) {
  const keys = await developmentKeys(values.keys);
  if (keys) options.keys = keys;
  else console.error('no PKCS#11 module for keys here: encrypted documents are not set up');
}

const server = await startServer(options);
const documents = server.keys?.policy ?? null;
console.log(JSON.stringify({ url: server.url, issuer: server.issuer, users: server.users, documents }));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void server.stop().then(() => process.exit(0)));
}
