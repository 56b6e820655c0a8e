import type { Bundle, Device, Reference, Resource, Task } from 'fhir/r4';
import type { FhirClient, FhirError, FhirErrorCode } from '../fhir/client.ts';
import { networkErrors } from './network.ts';
import type { Scopes } from './scopes.ts';
import { WORKSTATION_SYSTEM } from './workstation.ts';

/** A Task of the server's that this workstation erases itself. */
export interface WipeOrder {
  /** `Task/<id>` */
  readonly task: string;
  readonly server: string;
  /** With which the order is acknowledged, once there is nothing left that it could read. */
  readonly accessToken: string;
}

export interface AskFailure {
  readonly code: 'revoked' | 'server-error' | (typeof told)[number];
  /** Seconds that the server asks to wait. */
  readonly retryAfter: number | null;
}

type Asked<Value> = { ok: true; value: Value } | { ok: false; error: AskFailure };

/** Asks the server whether this workstation was revoked (decision 26). */
export interface Revocation {
  /** `ok` where it wasn't, or where the server keeps no such orders. */
  ask(accessToken: string): Promise<Asked<void>>;
  /** How often it has been asked; tells whether a new token was already asked about. */
  count(): number;
}

export interface RevocationOptions {
  server: string;
  /** A client that uses this one token. */
  clientFor: (accessToken: string) => Promise<Pick<FhirClient, 'get' | 'send' | 'base'>>;
  scopes: Scopes;
  /** The workstation's identifier, by which its Device is known. */
  workstation: () => Promise<string>;
  /** Name of the Device, by which IT finds it. */
  deviceName: string;
  onWipe: (order: WipeOrder) => void;
}

const WIPE = 'wipe';
const ORDERS = `Task?code=${WIPE}&status=requested&_count=50`;
/** Pages of orders that are read; a hospital has a few. */
const PAGES_MAX = 20;

/** What a server answers that keeps no such records, or not for this client: then only its token endpoint can revoke. */
const notOffered: ReadonlySet<FhirErrorCode> = new Set(['forbidden', 'not-found', 'gone', 'rejected', 'conflict']);
const NOT_IMPLEMENTED = 501;
/** What is told as it is; the rest is the server's problem. */
const told = ['unauthorized', ...networkErrors] as const;

export function createRevocation(options: RevocationOptions): Revocation {
  const { server, clientFor, scopes, workstation, onWipe } = options;
  let asked = 0;
  /** `Device/<id>`, once it is known; null where the server keeps none. */
  let device: string | null | undefined;

  /** The workstation's Device, made known where it isn't yet; null where the server keeps none for this client. */
  async function find(fhir: Pick<FhirClient, 'send' | 'get'>, identifier: string): Promise<Asked<string | null>> {
    const search = `identifier=${encodeURIComponent(`${WORKSTATION_SYSTEM}|${identifier}`)}`;
    if (scopes.allows('Device', 's')) {
      const found = await fhir.get(`Device?${search}`);
      if (!found.ok && !isNotOffered(found.error)) return failed(found.error);
      const known = found.ok ? (entriesOf(found.value.text) ?? []) : [];
      const id = known.find(({ resourceType }) => resourceType === 'Device')?.id;
      if (id) return { ok: true, value: `Device/${id}` };
    }
    if (!scopes.allows('Device', 'c')) return { ok: true, value: null };
    const body = JSON.stringify(deviceOf(identifier, options.deviceName));
    const made = await fhir.send({ method: 'POST', url: 'Device', body, ifNoneExist: search });
    if (!made.ok) return isNotOffered(made.error) ? { ok: true, value: null } : failed(made.error);
    return { ok: true, value: /Device\/[A-Za-z0-9\-.]{1,64}/.exec(made.value.location ?? '')?.[0] ?? null };
  }

  async function orders(fhir: Pick<FhirClient, 'get'>): Promise<Asked<Task[]>> {
    const tasks: Task[] = [];
    let url: string | null = ORDERS;
    for (let page = 0; url !== null && page < PAGES_MAX; page += 1) {
      const answer = await fhir.get(url);
      if (!answer.ok) return isNotOffered(answer.error) ? { ok: true, value: tasks } : failed(answer.error);
      const entries = entriesOf(answer.value.text);
      // Something between that answers in the server's place must not hide an order.
      if (!entries) return { ok: false, error: { code: 'server-error', retryAfter: null } };
      tasks.push(...entries.filter((entry): entry is Task => entry.resourceType === 'Task'));
      url = nextOf(answer.value.text);
    }
    return { ok: true, value: tasks };
  }

  return {
    count: () => asked,
    async ask(accessToken) {
      asked += 1;
      if (!scopes.allows('Task', 's')) return { ok: true, value: undefined };
      const fhir = await clientFor(accessToken);
      const identifier = await workstation();
      if (device === undefined) {
        const known = await find(fhir, identifier);
        if (!known.ok) return known;
        device = known.value;
      }
      const found = await orders(fhir);
      if (!found.ok) return found;
      const me = { identifier, device, base: fhir.base };
      const mine = found.value.find((task) => isFor(task, me));
      if (!mine?.id) return { ok: true, value: undefined };
      onWipe({ task: `Task/${mine.id}`, server, accessToken });
      return { ok: false, error: { code: 'revoked', retryAfter: null } };
    },
  };
}

/** Looked at again here: a server may not heed a parameter, and another workstation's order is none of ours. */
function isFor(task: Task, me: { identifier: string; device: string | null; base: string }): boolean {
  const isOrder = task.status === 'requested' && (task.code?.coding ?? []).some(({ code }) => code === WIPE);
  const isMine = (reference: Reference | undefined) => {
    const { system, value } = reference?.identifier ?? {};
    if (system === WORKSTATION_SYSTEM && value === me.identifier) return true;
    return me.device !== null && [me.device, `${me.base}${me.device}`].includes(reference?.reference ?? '');
  };
  return isOrder && [task.owner, task.for, task.focus].some(isMine);
}

function bundleOf(text: string): Bundle | null {
  try {
    const value = JSON.parse(text) as Bundle | null;
    return value?.resourceType === 'Bundle' ? value : null;
  } catch {
    return null;
  }
}

/** Null where it is no Bundle. */
function entriesOf(text: string): Resource[] | null {
  const bundle = bundleOf(text);
  if (!bundle) return null;
  return (Array.isArray(bundle.entry) ? bundle.entry : []).flatMap((entry) => entry?.resource ?? []);
}

function nextOf(text: string): string | null {
  const links = bundleOf(text)?.link;
  return (Array.isArray(links) ? links : []).find((link) => link?.relation === 'next')?.url ?? null;
}

function isNotOffered({ code, status }: FhirError): boolean {
  return notOffered.has(code) || status === NOT_IMPLEMENTED;
}

function failed({ code, retryAfter }: FhirError): { ok: false; error: AskFailure } {
  const known = told.find((one) => one === code) ?? 'server-error';
  // Given up with the run: nothing is wrong with the server.
  return { ok: false, error: { code: code === 'cancelled' ? 'server-unreachable' : known, retryAfter } };
}

function deviceOf(identifier: string, name: string): Device {
  return {
    resourceType: 'Device',
    identifier: [{ system: WORKSTATION_SYSTEM, value: identifier }],
    status: 'active',
    deviceName: [{ name, type: 'user-friendly-name' }],
    type: { text: 'Wardlight workstation' },
  };
}
