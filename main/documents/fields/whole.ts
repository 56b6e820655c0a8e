import { carriedIn, extension, isObject, type JsonObject, listOf, securityOf, set } from './elements.ts';

/* What is done to a resource as a whole in which elements are masked: its narrative, and its labels. */

/** HL7 v3 ObservationValue, of the alteration of data: it is masked. The id says that we have put it there. */
export const MASKED = {
  id: 'wardlight-sealed',
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'MASKED',
  display: 'masked',
} as const;

/**
 * The narrative (R4 narrative.html) says what the elements say, and can't be masked where it stands: it goes into an
 * extension of the resource itself.
 */
export function maskNarrative(resource: JsonObject, url: string, carried: string): void {
  delete resource['text'];
  resource['extension'] = [...listOf(resource['extension']), extension(url, carried)];
}

/** Drops a masked narrative: it says what the elements said before. */
export function dropNarrative(resource: JsonObject, url: string): void {
  const others = listOf(resource['extension']).filter((one) => !isObject(one) || one['url'] !== url);
  set(resource, 'extension', others.length > 0 ? others : undefined);
}

export function narrativeIn(resource: JsonObject, url: string): string | undefined {
  return carriedIn(resource, url);
}

export function putNarrative(resource: JsonObject, url: string, text: unknown): void {
  dropNarrative(resource, url);
  resource['text'] = text;
}

/** Whose a resource says to be: its references to a patient (R4 compartmentdefinition-patient), a patient's own first. */
export function subjectsOf(resource: JsonObject): string[] {
  const { resourceType, id } = resource;
  const own = resourceType === 'Patient' ? [`Patient/${String(id)}`] : [];
  const members = ['subject', 'patient', 'beneficiary', 'individual'].map((name) => resource[name]);
  const references = members.map((one) => (isObject(one) ? one['reference'] : undefined));
  return [...own, ...references.filter((one) => typeof one === 'string')];
}

/** Whether a resource's labels say that something in it is masked. */
export function isMasked(resource: unknown): boolean {
  const security = isObject(resource) ? securityOf(resource) : [];
  return security.some(({ system, code }) => system === MASKED.system && code === MASKED.code);
}

/** Says in the resource's labels that something in it is masked. */
export function labelMasked(resource: JsonObject): void {
  if (isMasked(resource)) return;
  const meta = isObject(resource['meta']) ? resource['meta'] : {};
  resource['meta'] = { ...meta, security: [...listOf(meta['security']), { ...MASKED }] };
}

/** Takes back what `labelMasked` has said. */
export function unlabelMasked(resource: JsonObject): void {
  const meta = resource['meta'];
  if (!isObject(meta)) return;
  const { security, ...rest } = meta;
  const others = listOf(security).filter((one) => !isObject(one) || one['id'] !== MASKED.id);
  if (others.length === listOf(security).length) return;
  const left = { ...rest, ...(others.length > 0 && { security: others }) };
  set(resource, 'meta', Object.keys(left).length > 0 ? left : undefined);
}
