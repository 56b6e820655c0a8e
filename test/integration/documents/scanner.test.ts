import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createIntake } from '../../../main/documents/intake/intake.ts';
import { createScanTools, SCANIMAGE } from '../../../main/documents/scanner.ts';
import { createDocumentsService } from '../../../main/documents/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'wardlight-scanner-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const RULES = { maxBytes: 1 << 28, maxPixels: 1 << 28, kinds: ['image'], encryptedArchives: false } as const;

/** A command that does what a scanner's does in a bad moment, and notes how it was called. */
function command(script: string): string {
  const path = join(folder, `command-${script.length}.sh`);
  writeFileSync(path, `#!/bin/sh\necho "$*" >> ${path}.log\n[ "$3" = -A ] && exit 0\n${script}\n`, { mode: 0o755 });
  return path;
}

function scan(script: string, device = 'net:printer') {
  const service = createDocumentsService({
    intake: createIntake(),
    newId: () => 'list',
    scanner: createScanTools(command(script)),
  });
  return { service, scanned: service.scan({ task: 't', held: 'h', device }) };
}

describe.runIf(existsSync(SCANIMAGE))('SANE, with the scanner that it has for tests', () => {
  const service = createDocumentsService({ intake: createIntake(), newId: () => 'list' });
  beforeAll(() => writeFileSync(join(folder, 'dll.conf'), 'test\n'));

  it('is found, and scans a page that is taken in as a picture', async () => {
    vi.stubEnv('SANE_CONFIG_DIR', folder);
    const [found] = await service.scanners();
    expect(found).toEqual({ device: 'test:0', name: 'Noname frontend-tester' });
    const scanned = await service.scan({ task: 't', held: 'page', device: 'test:0' });
    expect(scanned.ok && scanned.value.size).toBeGreaterThan(5_000);
    expect(await service.inspect({ source: { held: 'page' }, rules: RULES })).toEqual({
      ok: true,
      value: { contentType: 'image/jpeg', kind: 'image' },
    });
    await service.drop({ held: 'page' });
    expect(await service.inspect({ source: { held: 'page' }, rules: RULES })).toMatchObject({ ok: false });
  });

  it('that isn’t there any more is said', async () => {
    vi.stubEnv('SANE_CONFIG_DIR', folder);
    const scanned = await service.scan({ task: 't', held: 'none', device: 'test:99' });
    expect(scanned).toEqual({ ok: false, error: { code: 'scanner-failed' } });
  });
});

describe.runIf(process.platform === 'linux')('a scan', () => {
  it.each([
    ['Document feeder jammed', 'scanner-jammed'],
    ['Document feeder out of documents', 'scanner-empty'],
    ['Scanner cover is open', 'scanner-open'],
    ['Device busy', 'scanner-busy'],
    ['Access to resource has been denied', 'scanner-denied'],
    ['Error during device I/O', 'scanner-failed'],
  ])('that fails says why: %s', async (words, code) => {
    const { scanned } = scan(`printf half; echo "scanimage: sane_start: ${words}" >&2; exit 9`);
    expect(await scanned).toEqual({ ok: false, error: { code } });
  });

  it('tells how far it is, and is ended at once', async () => {
    const { service, scanned } = scan('printf half; printf "Progress: 40.0%%\\r" >&2; exec sleep 600');
    await expect.poll(async () => (await service.progress({ task: 't' }))?.done).toBe(40);
    await service.cancel({ task: 't' });
    expect(await scanned).toEqual({ ok: false, error: { code: 'cancelled' } });
  });

  it('security: ends with the lock', async () => {
    const { service, scanned } = scan('printf "Progress: 1.0%%\\r" >&2; exec sleep 601');
    await expect.poll(async () => (await service.progress({ task: 't' }))?.done).toBe(1);
    await service.end();
    expect(await scanned).toEqual({ ok: false, error: { code: 'cancelled' } });
    expect(await service.inspect({ source: { held: 'h' }, rules: RULES })).toMatchObject({ ok: false });
  });

  it('security: that has no end is ended', async () => {
    const { scanned } = scan('exec cat /dev/zero');
    expect(await scanned).toEqual({ ok: false, error: { code: 'file-too-large' } });
  });

  it('security: says to its command which device and how, and nothing else', async () => {
    const script = 'printf page # arguments';
    await scan(script).scanned;
    expect(
      readFileSync(`${command(script)}.log`, 'utf8')
        .split('\n')
        .slice(0, 2),
    ).toEqual(['-d net:printer -A', '-d net:printer --format=jpeg -p']);
  });

  it('security: takes no device whose name is a switch', async () => {
    const listing = command('printf -- "--output-file=/tmp/x\\nEvil\\nnet:a\\nAcme 1\\n"');
    expect(await createScanTools(listing).list(new AbortController().signal)).toEqual([
      { device: 'net:a', name: 'Acme 1' },
    ]);
  });
});
