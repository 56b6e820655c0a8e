import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog, type LogFields } from '../../../main/shell/log.ts';
import { temporaryFolder } from '../vault/support.ts';

function start() {
  const folder = join(temporaryFolder(), 'logs');
  const log = createLog({ folder, now: () => Date.parse('2026-03-04T05:06:07.000Z') });
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
    const log = createLog({ folder, now: () => 0 });
    for (let line = 0; line < 3; line += 1) log.info('call', { feature: 'chart', name: 'read', code: 'ok', ms: line });
    await log.flush();
    log.info('after');
  });

  it('goes on in the same file', async () => {
    const { folder, log } = start();
    log.info('first');
    await log.flush();
    const next = createLog({ folder, now: () => 0 });
    next.info('second');
    await next.flush();
    const lines = readFileSync(join(folder, 'main.log'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(2);
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
  const log = createLog({ folder: join(file, 'logs'), now: () => 0 });
  log.info('call', { code: 'ok' });
  await log.flush();
});
