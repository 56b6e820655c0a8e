import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { project } from '../../../build/setup/places.mjs';
import { readPolicy } from '../../../main/managed/read.ts';
import { foundInJson } from '../../../main/managed/sources/json.ts';
import { type Machine, startMachine } from '../../support/machine.ts';

const isPossible = process.getuid?.() === 0 && process.platform === 'linux';
const SCRIPT = join(project, 'build', 'linux', 'after-remove.sh');
const POLICY = '/etc/wardlight/policy.json';
const ACCOUNTS = { ana: 61_001, ben: 61_002 } as const;
type Account = keyof typeof ACCOUNTS;
const KEPT = '.config/Wardlight';

/** As a profile in use has them. */
const RECORDS = [
  'profiles/1/cache.db',
  'profiles/1/cache.db-wal',
  'profiles/1/downtime/7',
  'profiles/1/documents/downloads/9',
  'logs/main.log',
  'Cache/data_0',
];
const UNSENT = [
  'audit/audit.db',
  'downtime/numbers.json',
  'profiles/1/documents/spool/8',
  'profiles/1/outbox.db',
  'profiles/1/outbox.db-wal',
  'profiles/1/profile.json',
  'profiles/1/slots.json',
  'profiles/1/upgrade.json',
  'updates/seen.json',
  'wipes/2.json',
  'workstation.json',
];

describe.runIf(isPossible)('what clinicians keep, when the package is removed', () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await startMachine();
    for (const [name, uid] of Object.entries(ACCOUNTS)) {
      machine.run('useradd', ['--uid', String(uid), '--user-group', '--no-create-home', '-d', `/home/${name}`, name]);
    }
  });
  afterAll(() => machine?.end());

  const homeOf = (name: Account) => machine.path(`/home/${name}`);
  const keptOf = (name: Account) => join(homeOf(name), KEPT);

  function put(name: Account, file: string): void {
    const path = join(homeOf(name), file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file);
  }
  const owned = (name: Account) => machine.run('chown', ['-hR', `${name}:${name}`, `/home/${name}`]);
  const filesOf = (name: Account) =>
    existsSync(keptOf(name))
      ? readdirSync(keptOf(name), { recursive: true, withFileTypes: true })
          .filter((one) => !one.isDirectory())
          .map((one) => join(one.parentPath, one.name).slice(keptOf(name).length + 1))
          .sort()
      : null;

  beforeEach(() => {
    for (const name of ['ana', 'ben'] as const) {
      mkdirSync(homeOf(name), { recursive: true });
      chmodSync(homeOf(name), 0o700);
      for (const file of [...RECORDS, ...UNSENT]) put(name, join(KEPT, file));
      put(name, 'letter.txt');
      owned(name);
    }
    mkdirSync(machine.path('/etc/wardlight'), { recursive: true });
  });
  afterEach(() => {
    for (const place of ['/home/ana', '/home/ben', '/home/elsewhere', '/etc/wardlight', '/etc/other-policy.json']) {
      rmSync(machine.path(place), { recursive: true, force: true });
    }
  });

  /** What the package's script says, after IT's policy was put there. */
  function remove(policy: unknown, how = 'purge'): string {
    if (policy !== undefined) {
      writeFileSync(machine.path(POLICY), typeof policy === 'string' ? policy : JSON.stringify(policy));
    }
    const { status, said } = machine.run('sh', [SCRIPT, how]);
    expect(status, said).toBe(0);
    return said;
  }
  const destroys = { removal: { userData: 'destroy' } };
  const all = [...RECORDS, ...UNSENT].sort();

  it.each(['remove', 'purge', '0'])('is destroyed of each account where policy says so (%s)', (how) => {
    const said = remove(destroys, how);
    expect([filesOf('ana'), filesOf('ben')]).toEqual([null, null]);
    expect(said).toContain('data of ana: destroyed (destroy)');
    expect(said).toContain('data of ben: destroyed (destroy)');
    expect(existsSync(join(homeOf('ana'), 'letter.txt'))).toBe(true);
  });

  it('but for unsent work, where policy says so', () => {
    remove({ removal: { userData: 'keep-unsent' } });
    expect(filesOf('ana')).toEqual(UNSENT);
  });

  it.each(['upgrade', 'failed-upgrade', 'abort-install', 'abort-upgrade', 'disappear', '1', ''])(
    'stays when the script runs for something else (%s)',
    (how) => {
      remove(destroys, how);
      expect(filesOf('ana')).toEqual(all);
    },
  );

  /** The script has a reader of its own, as no program is left that could read for it. */
  it('goes by policy as the program reads it, and stays where either can’t', () => {
    const deep = (depth: number) => `{"x":${'['.repeat(depth)}${']'.repeat(depth)},"removal":{"userData":"destroy"}}`;
    const documents: (string | Buffer)[] = [
      '{}',
      '{"removal":{"userData":"keep"}}',
      '\ufeff{"removal":{"userData":"destroy"}}',
      ' {\r\n\t"lock" : {"idleMs":1.5e+3}, "a":[1,[],{"b":null}], "removal" : { "userData" : "destroy" } }\n',
      '{"removal":{"userData":"Destroy"}}',
      '{"removal":{"userData":["destroy"]}}',
      '{"removal":["userData","destroy"]}',
      '{"removal":"destroy"}',
      '["removal",{"userData":"destroy"}]',
      '{"removal.userData":"destroy"}',
      '{"x":{"removal":{"userData":"destroy"}}}',
      '{"x":"\\"removal\\":{\\"userData\\":\\"destroy\\"}"}',
      '{"removal":{"userData":"destroy"},"removal":{"userData":"keep"}}',
      '{"removal":{"userData":"keep"},"removal":{"userData":"destroy"}}',
      '{"removal":{"userData":"keep","userData":"destroy"}}',
      '{"removal":{"userData":"destroy","user\\u0044ata":"keep"}}',
      '{"removal":{"userData":"destroy"}',
      '{"removal":{"userData":"destroy",}}',
      '{"removal":{"userData":"destroy"}} x',
      '{"removal":{"userData":"destroy"} "x":1}',
      '{"x":01,"removal":{"userData":"destroy"}}',
      '{"x":"a\tb","removal":{"userData":"destroy"}}',
      '{"x":"a\nb","removal":{"userData":"destroy"}}',
      '{"x":"\\x","removal":{"userData":"destroy"}}',
      '{"x":",\n"removal":{"userData":"destroy"}}',
      '{"x":tru,"removal":{"userData":"destroy"}}',
      '{\f"removal":{"userData":"destroy"}}',
      '{"x":1]\n"removal":{"userData":"destroy"}}',
      Buffer.from('{"x":"\xff","removal":{"userData":"destroy"}}', 'latin1'),
      deep(31),
      deep(32),
      `{"x":"${'y'.repeat(1_048_576)}","removal":{"userData":"destroy"}}`,
      '',
    ];
    const seen = documents.map((document) => {
      writeFileSync(machine.path(POLICY), document);
      remove(undefined);
      const isGone = filesOf('ana') === null;
      if (isGone) put('ana', join(KEPT, 'profiles/1/cache.db'));
      owned('ana');
      return isGone ? 'destroy' : 'keep';
    });
    const asRead = documents.map((document) => {
      const bytes = Buffer.from(document);
      const found = bytes.length > 1_048_576 ? null : foundInJson(bytes);
      return found?.kind === 'document' ? readPolicy(found.document).policy.removal.userData : 'keep';
    });
    expect(seen).toEqual(asRead);
    expect(seen.filter((one) => one === 'destroy').length).toBeGreaterThanOrEqual(3);
  });

  it('stays without a policy', () => {
    expect(remove(undefined)).toContain('what clinicians keep in their homes stays');
    expect(filesOf('ana')).toEqual(all);
  });

  it.each<[string, () => void]>([
    ['is somebody else’s', () => chownSync(machine.path(POLICY), ACCOUNTS.ben, 0)],
    ['others may write', () => chmodSync(machine.path(POLICY), 0o646)],
    ['its group may write', () => chmodSync(machine.path(POLICY), 0o664)],
    ['lies where others may put it', () => chmodSync(machine.path('/etc/wardlight'), 0o777)],
    [
      'is a link',
      () => {
        writeFileSync(machine.path('/etc/other-policy.json'), JSON.stringify(destroys));
        rmSync(machine.path(POLICY));
        symlinkSync('/etc/other-policy.json', machine.path(POLICY));
      },
    ],
  ])('security: stays where the policy %s', (_name, spoil) => {
    writeFileSync(machine.path(POLICY), JSON.stringify(destroys));
    spoil();
    remove(undefined);
    expect(filesOf('ana')).toEqual(all);
  });

  /** A link of ana's, in the place of one of hers. */
  function link(at: string, to: string): void {
    const path = join(homeOf('ana'), at);
    rmSync(path, { recursive: true, force: true });
    symlinkSync(to, path);
    lchownSync(path, ACCOUNTS.ana, ACCOUNTS.ana);
  }

  it.each([
    ['its place', KEPT, KEPT],
    ['the folder above it', '.config', '.config'],
    ['a folder in it', `${KEPT}/profiles/1`, KEPT],
    ['a file in it', `${KEPT}/profiles/1/slots.json`, `${KEPT}/slots.json`],
  ])('security: of a home in which %s is a link, nothing goes that is elsewhere', (_name, at, to) => {
    const elsewhere = machine.path(`/home/elsewhere/${KEPT}`);
    mkdirSync(elsewhere, { recursive: true });
    writeFileSync(join(elsewhere, 'slots.json'), 'hers, but not in her home');
    machine.run('chown', ['-R', 'ana:ana', '/home/elsewhere']);
    link(at, `/home/elsewhere/${to}`);
    remove(destroys);
    expect(readdirSync(elsewhere)).toEqual(['slots.json']);
  });

  it('security: is destroyed with the rights of its account, and never with root’s', () => {
    const file = join(keptOf('ana'), 'roots', 'file');
    mkdirSync(dirname(file));
    writeFileSync(file, 'nobody but root may remove it');
    expect(remove(destroys)).toContain('data of ana: not destroyed, or not all of it');
    expect(existsSync(file)).toBe(true);
  });

  it('security: stays in a home that is another’s', () => {
    chownSync(homeOf('ana'), ACCOUNTS.ben, ACCOUNTS.ben);
    chmodSync(homeOf('ana'), 0o777);
    remove(destroys);
    expect(filesOf('ana')).toEqual(all);
  });

  it('stays in a home that isn’t on a disk of this workstation', () => {
    machine.run('mount', ['-t', 'ramfs', 'none', '/home/ben']);
    try {
      put('ben', join(KEPT, 'profiles/1/outbox.db'));
      owned('ben');
      expect(remove(destroys)).toContain('data of ben: kept, as it is not at its place');
      expect(filesOf('ben')).toEqual(['profiles/1/outbox.db']);
    } finally {
      machine.run('umount', ['/home/ben']);
    }
  });

  it('stays of an account that has Wardlight open, and of no other', async () => {
    mkdirSync(machine.path('/opt/Wardlight'), { recursive: true });
    machine.run('cp', ['/bin/sleep', '/opt/Wardlight/wardlight']);
    const [program, args] = machine.inside(
      'setpriv',
      '--reuid=ana',
      '--clear-groups',
      '/opt/Wardlight/wardlight',
      '600',
    );
    const open: ChildProcess = spawn(program, args, { stdio: 'ignore' });
    try {
      const path = `/proc/${open.pid}/exe`;
      await expect.poll(() => machine.run('readlink', [path]).said.trim()).toBe('/opt/Wardlight/wardlight');
      rmSync(machine.path('/opt/Wardlight/wardlight'));
      expect(remove(destroys)).toContain('data of ana: kept, as Wardlight is open there');
      expect(filesOf('ana')).toEqual(all);
      expect(filesOf('ben')).toBeNull();
    } finally {
      open.kill();
    }
  });
});
