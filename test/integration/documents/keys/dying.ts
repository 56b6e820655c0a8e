import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

/*
 * Imported before `npm run keys`: its connections go through a proxy at WARDLIGHT_TEST_PROXY, and it kills itself with
 * SIGKILL at byte WARDLIGHT_TEST_STATE_BYTE of what it writes to its files.
 */

const proxy = Number(process.env['WARDLIGHT_TEST_PROXY']);
const byte = Number(process.env['WARDLIGHT_TEST_STATE_BYTE'] ?? Number.POSITIVE_INFINITY);

const connect = net.connect as (options: object, ...rest: unknown[]) => net.Socket;
Object.assign(net, {
  connect: (options: object, ...rest: unknown[]) => connect({ ...options, port: proxy }, ...rest),
});

let left = byte;
const { writeFileSync } = fs;
Object.assign(fs, {
  writeFileSync(file: string, text: string, options: fs.WriteFileOptions) {
    if (text.length >= left) {
      writeFileSync(file, text.slice(0, left), options);
      process.kill(process.pid, 'SIGKILL');
    }
    left -= text.length;
    writeFileSync(file, text, options);
  },
});
syncBuiltinESMExports();
