import type { CapabilityStatement } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import { readCapabilities } from '../../../main/sync/capabilities.ts';
import { serverOf } from '../../../main/sync/upload/server.ts';

const statement = (rest: unknown) => ({ resourceType: 'CapabilityStatement', rest }) as unknown as CapabilityStatement;

describe('security: a statement of any shape', () => {
  it.each([
    { rest: {} },
    { rest: 'x' },
    { rest: [null] },
    { rest: [{ resource: {} }] },
    {
      rest: [{ mode: 'server', resource: [null, { type: 'Group', operation: {}, interaction: 'x', searchParam: 3 }] }],
    },
    { rest: [{ mode: 'server', interaction: [null], resource: [{ type: 'Patient', interaction: [null] }] }] },
  ])('security: promises nothing, and is no failure: %j', ({ rest }) => {
    const capabilities = readCapabilities(statement(rest));
    expect([capabilities.exportsGroups, capabilities.hasTypeHistory('Patient')]).toEqual([false, false]);
    expect(capabilities.canSearch('Patient')).toBe(true);
    const server = serverOf(statement(rest));
    expect([server.transactions, server.hasHistory('Patient')]).toEqual([false, false]);
  });
});
