import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compile } from '../../build/compile.mjs';
import { LANGUAGES } from '../../preload/contract/languages.ts';
import { giveToUser, insideDesktop, runInDesktop } from '../support/desktop.ts';
import { runGallery } from './gallery.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'gallery' },
    only: { type: 'string', default: '' },
    language: { type: 'string', default: 'en' },
  },
});
const out = resolve(values.out);
const language = LANGUAGES.find((one) => one === values.language);
if (!language) throw new Error(`--language is one of ${LANGUAGES.join(', ')}`);

if (insideDesktop) {
  const ok = await runGallery({
    out,
    language,
    only: values.only.split(',').filter(Boolean),
    onPicture: (picture) => console.log(JSON.stringify(picture)),
    onProgress: (message) => console.error(message),
  });
  process.exit(ok ? 0 : 1);
} else {
  compile();
  mkdirSync(out, { recursive: true });
  giveToUser(out);
  const args = [import.meta.filename, '--out', out, '--only', values.only, '--language', language];
  runInDesktop(process.execPath, args).on('exit', (code) => process.exit(code ?? 1));
}
