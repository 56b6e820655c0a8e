import { parse, stringify } from 'lossless-json';
import type { KnownLog } from './compare.ts';

/**
 * On the workstation's Device, one for each of its logs: its public key (`key`, C2SP vkey) and signed notes of how it
 * stood (`checkpoint`, base64, since a server may trim a string and a note ends with a line feed).
 */
export const AUDIT_LOG = 'https://wardlight.org/fhir/StructureDefinition/audit-log';

/** A Device as it was read. */
export interface KnownDevice {
  readonly versionId: string;
  /** In the order in which they came there. */
  readonly logs: readonly KnownLog[];
  /** The Device as JSON with this log in the place of what was known of it; all else as it was, digits included. */
  with(log: KnownLog): string;
}

type JsonObject = Record<string, unknown>;

/** Null where the text is no Device of a known version. */
export function readDevice(text: string): KnownDevice | null {
  const device = objectOf(text);
  const { versionId } = (device?.['meta'] ?? {}) as JsonObject;
  if (device?.['resourceType'] !== 'Device' || typeof versionId !== 'string' || versionId === '') return null;
  const extensions = objectsIn(device['extension']);
  return {
    versionId,
    logs: extensions.flatMap((one) => readLog(one) ?? []),
    with(log) {
      const at = extensions.findIndex((one) => readLog(one)?.vkey === log.vkey);
      const others = extensions.filter((_, index) => index !== at);
      const extension = others.toSpliced(at < 0 ? others.length : at, 0, extensionOf(log));
      return stringify({ ...device, extension }) ?? '';
    },
  };
}

function objectOf(text: string): JsonObject | null {
  try {
    return objectsIn([parse(text)])[0] ?? null;
  } catch {
    return null;
  }
}

function objectsIn(list: unknown): JsonObject[] {
  if (!Array.isArray(list)) return [];
  return list.filter((one): one is JsonObject => typeof one === 'object' && one !== null && !Array.isArray(one));
}

function readLog({ url, extension }: JsonObject): KnownLog | null {
  if (url !== AUDIT_LOG) return null;
  const parts = objectsIn(extension);
  const vkey = parts.find((one) => one['url'] === 'key')?.['valueString'];
  if (typeof vkey !== 'string') return null;
  const checkpoints = parts.flatMap((one) => {
    const value = one['valueBase64Binary'];
    return one['url'] === 'checkpoint' && typeof value === 'string' ? [Buffer.from(value, 'base64').toString()] : [];
  });
  return { vkey, checkpoints };
}

function extensionOf({ vkey, checkpoints }: KnownLog): JsonObject {
  const notes = checkpoints.map((note) => ({
    url: 'checkpoint',
    valueBase64Binary: Buffer.from(note).toString('base64'),
  }));
  return { url: AUDIT_LOG, extension: [{ url: 'key', valueString: vkey }, ...notes] };
}
