import fc from 'fast-check';

/** Pages that ours must never become, beside those of the network. */
export const OTHER_PAGES = [
  'file:///etc/passwd',
  'app://wardlight/index.html?again',
  'app://cleared/index.html',
  'app://viewer/viewer/index.html',
  'camera://photo/camera/index.html',
  'data:text/html,<p>x</p>',
  'chrome://gpu',
  'devtools://devtools/bundled/inspector.html',
  'view-source:app://wardlight/index.html',
  'javascript:void ran()',
  'wardlight://launch?iss=https://example.org&launch=x',
  'mailto:somebody@example.org',
] as const;

const UP = [
  '..',
  '%2e%2e',
  '.%2E',
  '..%2f..',
  '..%5c..',
  '%252e%252e',
  '....',
  '..;',
  '%c0%ae%c0%ae',
  '..%00',
  '.',
  '',
];
const FILES = [
  'main/index.js',
  'main%2findex.js',
  'main%5cindex.js',
  'preload/index.cjs',
  'package.json',
  'stamp',
  'app.asar/out/main/index.js',
  'etc/passwd',
  'etc/passwd%00.html',
  'proc/self/environ.js',
];
const ORIGINS = [
  'app://wardlight',
  'app://WARDLIGHT',
  'app://wardlight:8443',
  'app://viewer',
  'app://viewer/viewer',
  'app://viewer/content',
  'app://cleared',
  'app://elsewhere',
  'camera://photo',
  'camera://photo/camera',
  'camera://photo/photo',
];

/** Addresses that would lead out of the page's folder, if anything of them were taken for what it says. */
export function leadingOut(seed: number, count: number): string[] {
  const way = fc
    .tuple(
      fc.constantFrom(...ORIGINS),
      fc.array(fc.constantFrom(...UP), { minLength: 1, maxLength: 8 }),
      fc.constantFrom(...FILES),
    )
    .map(([origin, up, file]) => [origin, ...up, file].join('/'));
  return fc.sample(way, { seed, numRuns: count });
}
