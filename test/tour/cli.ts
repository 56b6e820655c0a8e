import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compile } from '../../build/compile.mjs';
import { sessionFolder } from '../support/app.ts';
import { giveToUser, insideDesktop, runInDesktop } from '../support/desktop.ts';
import { runTour, startBuilt } from './tour.ts';

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'tour' }, data: { type: 'string' } },
});

if (insideDesktop) {
  const passed = await runTour({
    out: resolve(values.out),
    start: startBuilt(sessionFolder('profile')),
    ...(values.data && { data: resolve(values.data) }),
    onStep: (result) => console.log(JSON.stringify(result)),
    onProgress: (message) => console.error(message),
  });
  process.exit(passed ? 0 : 1);
} else {
  compile();
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  giveToUser(out);
  const args = [import.meta.filename, '--out', out, ...(values.data ? ['--data', resolve(values.data)] : [])];
  runInDesktop(process.execPath, args).on('exit', (code) => process.exit(code ?? 1));
}
