import { cpSync, rmSync } from 'node:fs';
import type { Device } from 'fhir/r4';
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from 'vitest';
import { anchorAccount } from '../../../main/audit/anchor.ts';
import type { Audit } from '../../../main/audit/audit.ts';
import { createEnrolment } from '../../../main/audit/enrolment/enrolment.ts';
import { AUDIT_LOG } from '../../../main/audit/enrolment/resource.ts';
import { createFhirClient } from '../../../main/fhir/client.ts';
import { createWorkstationDevice } from '../../../main/identity/device.ts';
import { ASKED_SCOPES, parseScopes } from '../../../main/identity/scopes.ts';
import type { EnrolmentState } from '../../../preload/contract/audit.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { auditWith } from '../../support/audit.ts';
import { workstation } from './support.ts';

const SCOPE = ASKED_SCOPES.join(' ');

export type Workstation = ReturnType<typeof workstation>;

/** The same data folder and keychain on another machine. */
export function copyOf(from: Workstation): Workstation {
  const copy = workstation({ isLocal: true });
  rmSync(copy.folder, { recursive: true, force: true });
  cpSync(from.folder, copy.folder, { recursive: true });
  for (const [account, secret] of from.keyStore.entries) {
    const isAnchor = account === anchorAccount(from.folder);
    copy.keyStore.entries.set(isAnchor ? anchorAccount(copy.folder) : account, secret);
  }
  return copy;
}

interface Options {
  readonly scope?: string;
  readonly fetch?: typeof globalThis.fetch;
}

interface Known {
  vkey: string;
  notes: string[];
}

export const look = (audit: Audit, patientId = 'p') =>
  audit.record({ action: 'read', practitioner: 'Practitioner/a', server: 'https://s', patientId });

export async function looks(audit: Audit, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) expect((await look(audit)).ok).toBe(true);
}

/** What was found wrong, all of it told by an entry. */
export async function findingsOf(audit: Audit): Promise<string[]> {
  const store = (await audit.store())!;
  expect(await store.findings()).toEqual([]);
  return (await store.knownFindings(100)).map(({ code }) => code).reverse();
}

/** A development server, and workstations that are enrolled with it. Called once by a test file. */
export function enrolmentBench() {
  let server: DevServer;
  beforeAll(async () => {
    server = await startServer({ patients: 1, seed: 1 });
  });
  afterEach(() => {
    server.faults.clear();
    for (const { id = '' } of server.store.list('Device')) server.store.remove('Device', id);
  });
  afterAll(() => server.stop());

  /** The program on a workstation, from its start to its end, somebody being signed in. */
  async function run(
    place: Workstation,
    work: (audit: Audit, contact: () => Promise<EnrolmentState>) => Promise<void>,
    { scope = SCOPE, fetch = globalThis.fetch }: Options = {},
  ): Promise<void> {
    const alarmed: string[] = [];
    const audit = auditWith({
      open: place.open,
      onRecorded: (events) => alarmed.push(...events.map((event) => JSON.stringify(event))),
    });
    onTestFinished(() => audit.close());
    const token = await server.issueToken('osei', scope);
    const accessToken = async () => ({ ok: true, value: token }) as const;
    const fhir = createFhirClient({ base: server.url, fetch, accessToken, requestId: () => 'r' });
    const scopes = parseScopes(scope);
    const device = createWorkstationDevice({ scopes, workstation: async () => 'ws-1', name: 'ward-3' });
    let now = 0;
    let told: (state: EnrolmentState) => void = () => undefined;
    const enrolment = createEnrolment({
      audit,
      fhir,
      device,
      scopes,
      monotonic: () => now,
      onState: (state) => told(state),
    });
    await work(audit, () => {
      now += 3_600_000;
      return new Promise((resolve) => {
        told = resolve;
        enrolment.synced();
      });
    });
    await enrolment.close();
    await audit.close();
  }

  const devices = () => server.store.list('Device') as Device[];

  /** What the server knows, as anybody would read it. */
  function known(): Known[] {
    return (devices()[0]?.extension ?? [])
      .filter(({ url }) => url === AUDIT_LOG)
      .map(({ extension = [] }) => ({
        vkey: extension.find(({ url }) => url === 'key')?.valueString ?? '',
        notes: extension
          .filter(({ url }) => url === 'checkpoint')
          .map(({ valueBase64Binary = '' }) => Buffer.from(valueBase64Binary, 'base64').toString()),
      }));
  }

  function change(edit: (device: Device) => void): void {
    const device = structuredClone(devices()[0]!);
    edit(device);
    server.store.put(device);
  }

  return { server: () => server, run, devices, known, change };
}
