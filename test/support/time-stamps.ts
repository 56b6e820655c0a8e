// An authority for RFC 3161 time stamps, for tests: `time-stamps.ts FOLDER`, with tsa.pem, tsa.key and chain.pem in it. A process
// of its own, as what asks it holds up the test. Tells its port, and ends with its standard input.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const folder = process.argv[2] ?? '.';
const settings = join(folder, 'tsa.cnf');
writeFileSync(
  settings,
  `[tsa]
default_tsa = own
[own]
serial = ${join(folder, 'tsa.serial')}
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
`,
);
writeFileSync(join(folder, 'tsa.serial'), '01\n');

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const query = join(folder, 'query.tsq');
    writeFileSync(query, Buffer.concat(chunks));
    const key = [
      '-signer',
      join(folder, 'tsa.pem'),
      '-inkey',
      join(folder, 'tsa.key'),
      '-chain',
      join(folder, 'chain.pem'),
    ];
    const { status, stdout } = spawnSync('openssl', ['ts', '-reply', '-config', settings, '-queryfile', query, ...key]);
    response.writeHead(status === 0 ? 200 : 500, { 'content-type': 'application/timestamp-reply' });
    response.end(stdout);
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.on('end', () => process.exit()).resume();
