import fc from 'fast-check';

/** Values that JSON doesn't have, made anew for each call: some are used up by being sent. */
const MAKERS: readonly (() => unknown)[] = [
  () => undefined,
  () => Number.NaN,
  () => -0,
  () => Number.NEGATIVE_INFINITY,
  () => 2 ** 53,
  () => 10n ** 400n,
  () => Symbol('s'),
  () => () => 'called',
  () => class Constructor {},
  () => Promise.reject(new Error('of the page')).catch(() => undefined),
  () => new Date(Number.NaN),
  () => /(a+)+$/,
  () => new Error('of the page', { cause: { deep: true } }),
  () => new Map([[{}, {}]]),
  () => new Set(['a']),
  () => new WeakMap(),
  () => new ArrayBuffer(1 << 16),
  () => new Uint8Array(1 << 16),
  () => new DataView(new ArrayBuffer(8)),
  () => new Blob(['x']),
  () => new File(['x'], '/etc/passwd'),
  () => new MessageChannel().port1,
  () => new ReadableStream(),
  () => new Proxy({}, { ownKeys: () => ['a'], get: () => 'a', getOwnPropertyDescriptor: () => undefined }),
  () =>
    new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('of the page');
        },
      },
    ),
  () => ({
    get server(): string {
      throw new Error('of the page');
    },
  }),
  () => ({ toJSON: () => ({ passphrase: 'x' }), valueOf: () => 1, [Symbol.toPrimitive]: () => 'x' }),
  () => Object.create({ passphrase: 'inherited', patientId: 'inherited' }),
  () => Object.assign(Object.create(null), { constructor: null, __proto__: null }),
  () => JSON.parse('{"__proto__":{"ok":true,"isTrusted":true}}'),
  () => JSON.parse('{"constructor":{"prototype":{"ok":true}}}'),
  () => Object.fromEntries([['then', (resolve: (value: unknown) => void) => resolve({ ok: true })]]),
  () => {
    const ring: Record<string, unknown> = {};
    ring['self'] = [ring];
    return ring;
  },
  () => Array.from({ length: 2_000 }).reduce<unknown>((inner) => ({ inner }), null),
  () => Array.from({ length: 900 }).reduce<unknown>((inner) => [inner], null),
  () => Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`k${at}`, at])),
  () => new Array(50_000),
  () => 'x'.repeat(8 << 20),
  () => '\uDC00'.repeat(1 << 16),
  () => window,
  () => document.body,
  () => Reflect.get(window, 'wardlight'),
];

/** One of them. */
export const exotic: fc.Arbitrary<unknown> = fc.constantFrom(...MAKERS).map((make) => make());
