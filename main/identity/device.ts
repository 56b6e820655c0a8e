import type { Device } from 'fhir/r4';
import type { FhirClient } from '../fhir/client.ts';
import { type Asked, entriesOf, failed, isNotOffered } from './answers.ts';
import type { Scopes } from './scopes.ts';
import { WORKSTATION_SYSTEM } from './workstation.ts';

/** The workstation as its server knows it. */
export interface WorkstationDevice {
  /** `Device/<id>`, made known where it isn't yet; null where the server keeps none for this client. */
  find(fhir: Pick<FhirClient, 'get' | 'send'>): Promise<Asked<string | null>>;
  /** It is not there any more: to be looked for again. */
  forget(): void;
}

export interface WorkstationDeviceOptions {
  readonly scopes: Scopes;
  /** The workstation's identifier, by which its Device is known. */
  readonly workstation: () => Promise<string>;
  /** By which IT finds it. */
  readonly name: string;
}

/** Knows the Device once it was found; a failure is asked about again. */
export function createWorkstationDevice({ scopes, workstation, name }: WorkstationDeviceOptions): WorkstationDevice {
  let known: string | null | undefined;

  async function look(fhir: Pick<FhirClient, 'get' | 'send'>): Promise<Asked<string | null>> {
    const identifier = await workstation();
    const search = `identifier=${encodeURIComponent(`${WORKSTATION_SYSTEM}|${identifier}`)}`;
    if (scopes.allows('Device', 's')) {
      const found = await fhir.get(`Device?${search}`);
      if (!found.ok && !isNotOffered(found.error)) return failed(found.error);
      const devices = found.ok ? (entriesOf(found.value.text) ?? []) : [];
      const id = devices.find(({ resourceType }) => resourceType === 'Device')?.id;
      if (id) return { ok: true, value: `Device/${id}` };
    }
    if (!scopes.allows('Device', 'c')) return { ok: true, value: null };
    const body = JSON.stringify(deviceOf(identifier, name));
    const made = await fhir.send({ method: 'POST', url: 'Device', body, ifNoneExist: search });
    if (!made.ok) return isNotOffered(made.error) ? { ok: true, value: null } : failed(made.error);
    return { ok: true, value: /Device\/[A-Za-z0-9\-.]{1,64}/.exec(made.value.location ?? '')?.[0] ?? null };
  }

  return {
    async find(fhir) {
      if (known !== undefined) return { ok: true, value: known };
      const found = await look(fhir);
      if (found.ok) known = found.value;
      return found;
    },
    forget() {
      known = undefined;
    },
  };
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
