import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { bundledPackages } from './build/packaging/bundled.ts';
import { wordsOfPages } from './build/words/catalogs.ts';
import { channelNames } from './preload/contract/index.ts';

const here = import.meta.dirname;

/** Both runtimes speak this: the pinned Electron and the stand-in for development (Node 20, Chromium 130). */
const NODE = 'node20.18';
const CHROMIUM = 'chrome130';

/**
 * A SQLCipher module that was compiled for the stand-in runtime. Never part of a package: packaging sets
 * WARDLIGHT_RELEASE, and then the module that the driver ships is the only one.
 */
function developmentSqliteBinding(): string | undefined {
  const note = join(here, 'node_modules', '.cache', 'wardlight', 'sqlite-binding');
  if (process.env['WARDLIGHT_RELEASE'] === '1' || !existsSync(note)) return undefined;
  return readFileSync(note, 'utf8').trim();
}

/**
 * Modules with native parts, or with WebAssembly beside them, stay packages; everything else is bundled, as one file is
 * read faster than hundreds.
 */
const NATIVE = ['better-sqlite3-multiple-ciphers', 'keytar', '@node-rs/argon2', '@cedar-policy/cedar-wasm'];
const packages = Object.keys(JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')).dependencies as object);

/** Public keys by which the feed of this package is signed. */
const updateKeys = readFileSync(join(here, 'build', 'release', 'update-keys.json'), 'utf8');

/** What pdf.js reads beside its scripts: fonts and tables of characters, and decoders of pictures without WebAssembly. */
function pdfFiles(): Plugin {
  const from = join(here, 'node_modules', 'pdfjs-dist');
  const wanted = { standard_fonts: /\.(?:pfb|ttf)$/, cmaps: /\.bcmap$/, wasm: /_nowasm_fallback\.js$/ };
  return {
    name: 'pdf-files',
    generateBundle() {
      for (const [folder, pattern] of Object.entries(wanted)) {
        for (const name of readdirSync(join(from, folder)).filter((one) => pattern.test(one))) {
          const source = readFileSync(join(from, folder, name));
          this.emitFile({ type: 'asset', fileName: `viewer/pdfjs/${folder}/${name}`, source });
        }
      }
    },
  };
}

export default defineConfig({
  main: {
    plugins: [bundledPackages('main', here)],
    define: {
      __SQLITE_BINDING__: JSON.stringify(developmentSqliteBinding() ?? null),
      __CHANNELS__: JSON.stringify(channelNames()),
      __UPDATE_KEYS__: updateKeys,
    },
    build: {
      target: NODE,
      outDir: join(here, 'out', 'main'),
      sourcemap: false,
      minify: true,
      externalizeDeps: { exclude: packages.filter((name) => !NATIVE.includes(name)) },
      rollupOptions: {
        input: {
          index: join(here, 'main', 'index.ts'),
          'cache/process': join(here, 'main', 'cache', 'process.ts'),
          'cache/writer': join(here, 'main', 'cache', 'writer.ts'),
          'cache/reader': join(here, 'main', 'cache', 'reader.ts'),
          'cache/checkpointer': join(here, 'main', 'cache', 'checkpointer.ts'),
          'cache/maintenance-process': join(here, 'main', 'cache', 'maintenance-process.ts'),
          'audit/process': join(here, 'main', 'audit', 'process.ts'),
          'documents/process': join(here, 'main', 'documents', 'process.ts'),
          'forms/process': join(here, 'main', 'forms', 'process.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    plugins: [bundledPackages('preload', here)],
    define: { __CHANNELS__: JSON.stringify(channelNames()) },
    build: {
      target: NODE,
      outDir: join(here, 'out', 'preload'),
      externalizeDeps: false,
      rollupOptions: {
        input: { index: join(here, 'preload', 'index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: join(here, 'renderer'),
    base: './',
    plugins: [react(), pdfFiles(), wordsOfPages(here), bundledPackages('renderer', here)],
    worker: { format: 'es', plugins: () => [bundledPackages('worker', here)] },
    build: {
      target: CHROMIUM,
      outDir: join(here, 'out', 'renderer'),
      emptyOutDir: true,
      minify: true,
      // The policy of the page allows no data: fonts and no inline style sheets.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: {
        input: {
          index: join(here, 'renderer', 'index.html'),
          viewer: join(here, 'renderer', 'viewer', 'index.html'),
          camera: join(here, 'renderer', 'camera', 'index.html'),
          pdf: join(here, 'renderer', 'viewer', 'pdf.html'),
        },
      },
    },
  },
});
