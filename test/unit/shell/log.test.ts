import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog, type LogFields, type LogOptions } from '../../../main/shell/log.ts';
import { temporaryFolder } from '../vault/support.ts';

const DAY_MS = 24 * 60 * 60_000;
const NOW = Date.parse('2026-03-04T05:06:07.000Z');
const RULES = { level: 'info', keptDays: 30, maxMegabytes: 50 } as const;
type Rules = ReturnType<LogOptions['rules']>;

function start() {
  const folder = join(temporaryFolder(), 'logs');
  const log = createLog({ folder, now: () => NOW, rules: () => RULES });
  const lines = async () => {
    await log.flush();
    const text = readFileSync(join(folder, 'main.log'), 'utf8');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  return { folder, log, lines };
}

describe('the log', () => {
  it('has a line for each event, with its time and fields, on disk once it was flushed', async () => {
    const { log, lines } = start();
    log.info('call', { feature: 'chart', name: 'read', code: 'ok', ms: 12 });
    log.warn('sync.failed', { code: 'offline', count: 0, status: 503, version: '1' });
    expect(await lines()).toEqual([
      {
        level: 30,
        time: '2026-03-04T05:06:07.000Z',
        event: 'call',
        feature: 'chart',
        name: 'read',
        code: 'ok',
        ms: 12,
      },
      {
        level: 40,
        time: '2026-03-04T05:06:07.000Z',
        event: 'sync.failed',
        code: 'offline',
        count: 0,
        status: 503,
        version: '1',
      },
    ]);
  });

  it('has each line on disk at once, as a crash may follow', () => {
    const { folder, log } = start();
    log.warn('about.to-crash');
    expect(readFileSync(join(folder, 'main.log'), 'utf8')).toContain('about.to-crash');
  });

  it.runIf(existsSync('/dev/full'))('does not end the program where the disk is full', async () => {
    const folder = join(temporaryFolder(), 'logs');
    mkdirSync(folder);
    symlinkSync('/dev/full', join(folder, 'main.log'));
    const log = createLog({ folder, now: () => 0, rules: () => RULES });
    for (let line = 0; line < 3; line += 1) log.info('call', { feature: 'chart', name: 'read', code: 'ok', ms: line });
    await log.flush();
    log.info('after');
  });

  it('goes on in the same file', async () => {
    const { folder, log } = start();
    log.info('first');
    await log.flush();
    utimesSync(join(folder, 'main.log'), NOW / 1000, NOW / 1000);
    const next = createLog({ folder, now: () => NOW, rules: () => RULES });
    next.info('second');
    await next.flush();
    const lines = readFileSync(join(folder, 'main.log'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(2);
  });
});

describe('the files of the log', () => {
  /** A log whose clock and policy are the test's. */
  function turning(before: Readonly<Record<string, string>> = {}) {
    const folder = join(temporaryFolder(), 'logs');
    mkdirSync(folder);
    for (const [name, text] of Object.entries(before)) writeFileSync(join(folder, name), text);
    let time = NOW;
    let rules: Rules = RULES;
    const log = createLog({ folder, now: () => time, rules: () => rules });
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    return {
      log,
      names: () => readdirSync(folder).toSorted(),
      read,
      size: () => readdirSync(folder).reduce((sum, name) => sum + read(name).length, 0),
      pass: (ms: number) => {
        time += ms;
      },
      decide: (next: Partial<Rules>) => {
        rules = { ...rules, ...next };
      },
    };
  }

  it('have the events of one day each, under its date', () => {
    const { log, names, read, pass } = turning();
    log.info('first');
    pass(DAY_MS);
    log.info('second');
    log.info('third');
    expect(names()).toEqual(['main-2026-03-04.log', 'main.log']);
    expect(read('main-2026-03-04.log')).toContain('first');
    expect(read('main.log').match(/"event":"(\w+)"/g)).toEqual(['"event":"second"', '"event":"third"']);
  });

  it('are put beside each other where the program starts on another day', () => {
    const { log, folder } = start();
    log.info('first');
    utimesSync(join(folder, 'main.log'), NOW / 1000, NOW / 1000);
    createLog({ folder, now: () => NOW + DAY_MS, rules: () => RULES }).info('second');
    expect(readFileSync(join(folder, 'main-2026-03-04.log'), 'utf8')).toContain('first');
    expect(readFileSync(join(folder, 'main.log'), 'utf8')).not.toContain('first');
  });

  it('security: are kept for as many days as policy says, and nothing else in their folder is deleted', () => {
    const before = {
      'main-2026-01-01.log': 'old',
      'main-2026-02-01.log': 'a day too old for 30',
      'main-2026-02-01.2.log': 'a day too old for 30',
      'main-2026-02-02.log': 'kept',
      'main-2026-03-03.log': 'kept',
      'notes.log': 'somebody’s own',
      'main-2026-01-01.log.bak': 'somebody’s own',
      'domain-2026-01-01.log': 'somebody’s own',
    };
    const { log, names, decide } = turning(before);
    const own = ['domain-2026-01-01.log', 'main-2026-01-01.log.bak', 'main.log', 'notes.log'];
    expect(names()).toEqual(['main-2026-02-02.log', 'main-2026-03-03.log', ...own].toSorted());
    decide({ keptDays: 2 });
    log.tidy();
    expect(names()).toEqual(['main-2026-03-03.log', ...own].toSorted());
  });

  it('are never larger together than policy says, and the newest events stay', () => {
    const { log, names, read, size, decide } = turning();
    decide({ maxMegabytes: 1 });
    let most = 0;
    for (let count = 1; count <= 30_000; count += 1) {
      log.info('call', { feature: 'chart', name: 'read', code: 'ok', count });
      if (count % 500 === 0) most = Math.max(most, size());
    }
    expect(most).toBeLessThanOrEqual(1024 * 1024);
    expect(most).toBeGreaterThan(512 * 1024);
    expect(names().length).toBeGreaterThan(3);
    expect(read('main.log')).toContain('"count":30000');
    // The parts of one day are deleted in the order in which they were written, the tenth after the ninth.
    const parts = names().flatMap((name) => /\.(\d+)\.log$/.exec(name)?.[1] ?? []);
    expect(
      parts
        .map(Number)
        .toSorted((a, b) => a - b)
        .at(-1),
    ).toBeGreaterThan(10);
    expect(names()).not.toContain('main-2026-03-04.log');
    expect(names()).not.toContain('main-2026-03-04.9.log');
  });

  it('have what is wrong alone, where policy says so, from then on', () => {
    const { log, read, decide } = turning();
    log.info('before');
    decide({ level: 'warn' });
    log.info('call');
    log.warn('sync.failed');
    expect(read('main.log').match(/"event":"([\w.]+)"/g)).toEqual(['"event":"before"', '"event":"sync.failed"']);
  });
});

describe('security: the log', () => {
  it('security: holds fields of the list only, whatever is handed to it', async () => {
    const { log, lines } = start();
    const careless = {
      code: 'x',
      patient: 'CANARY',
      token: 'CANARY',
      url: 'https://s/Patient?name=CANARY',
      error: new Error('CANARY'),
      message: 'CANARY',
      msg: 'CANARY',
      err: new Error('CANARY'),
      event: 'CANARY',
      level: 'CANARY',
      time: 'CANARY',
      detail: 'CANARY',
      toJSON: () => 'CANARY',
    } as unknown as LogFields;
    log.info('call', careless);
    log.warn('call', careless);
    const written = await lines();
    expect(JSON.stringify(written)).not.toContain('CANARY');
    expect(Object.keys(written[0] ?? {}).sort()).toEqual(['code', 'event', 'level', 'time']);
  });

  it('security: names neither the computer nor the process', async () => {
    const { log, lines } = start();
    log.info('start');
    const [line] = await lines();
    expect(line).not.toHaveProperty('hostname');
    expect(line).not.toHaveProperty('pid');
  });

  it.skipIf(process.platform === 'win32')('security: is its owner’s alone', async () => {
    const { folder, log } = start();
    log.info('start');
    await log.flush();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });
});

it('a folder that cannot be made leaves the program without a log, and running', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const log = createLog({ folder: join(file, 'logs'), now: () => 0, rules: () => RULES });
  log.info('call', { code: 'ok' });
  await log.flush();
});
