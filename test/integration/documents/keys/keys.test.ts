import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Recipient } from '../../../../main/documents/types.ts';
import { openSite, openWorkstation, type Site, sharedPairs, valueOf } from './support.ts';

let site: Site;

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.stop());

const names = (recipients: readonly Recipient[]) =>
  recipients.map((one) => (one.kind === 'rsa' ? one.thumbprint : one.arn));

test('files are for the organisation, this device and the devices of the patient’s care team', async () => {
  const osei = await openWorkstation(site, 'osei', { pairs: sharedPairs(0) });
  const lindqvist = await openWorkstation(site, 'lindqvist', { pairs: sharedPairs(2) });
  expect(await osei.keys.ready()).toEqual({ ok: false, error: { code: 'keys-not-ready' } });
  expect(await osei.keys.recipientsFor('p1')).toEqual({ ok: false, error: { code: 'keys-not-ready' } });
  for (const one of [lindqvist, osei, lindqvist]) expect(await one.keys.refresh()).toEqual({ ok: true, value: null });
  const own = valueOf(await osei.keys.ready()).thumbprint;
  const other = valueOf(await lindqvist.keys.ready()).thumbprint;
  const organisation = site.keys.organisation.wrapping()[0]?.thumbprint;
  expect(names(valueOf(await osei.keys.recipientsFor('p1')))).toEqual([organisation, own, other]);
  expect(names(valueOf(await osei.keys.recipientsFor('p2')))).toEqual([organisation, own]);
});
