import type { Reference, Task } from 'fhir/r4';
import type { FhirClient } from '../fhir/client.ts';
import { type Asked, bundleOf, entriesOf, failed, isNotOffered } from './answers.ts';
import type { WorkstationDevice } from './device.ts';
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
  device: Pick<WorkstationDevice, 'find'>;
  onWipe: (order: WipeOrder) => void;
}

const WIPE = 'wipe';
const ORDERS = `Task?code=${WIPE}&status=requested&_count=50`;
/** Pages of orders that are read; a hospital has a few. */
const PAGES_MAX = 20;

export function createRevocation(options: RevocationOptions): Revocation {
  const { server, clientFor, scopes, workstation, device, onWipe } = options;
  let asked = 0;

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
      const known = await device.find(fhir);
      if (!known.ok) return known;
      const found = await orders(fhir);
      if (!found.ok) return found;
      const me = { identifier: await workstation(), device: known.value, base: fhir.base };
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

function nextOf(text: string): string | null {
  const links = bundleOf(text)?.link;
  return (Array.isArray(links) ? links : []).find((link) => link?.relation === 'next')?.url ?? null;
}
