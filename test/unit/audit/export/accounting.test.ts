import type { AuditEvent } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import { auditEvent } from '../../../../main/audit/events/event.ts';
import { type AccountingRequest, accountingsOf, type LoggedEvent } from '../../../../main/audit/export/accounting.ts';
import { accountingHtml } from '../../../../main/audit/export/accounting-html.ts';
import { wardEvents } from './events.ts';

const ALL: AccountingRequest = { patient: null, from: null, to: null };

function entries(...events: AuditEvent[]): LoggedEvent[] {
  return events.map((event, seq) => ({ seq, event: JSON.stringify(event) }));
}

const { event, view, detail } = wardEvents;

describe('an accounting of disclosures', () => {
  it('says of each disclosure when, who received it, what and why', () => {
    const printed = event({
      subtype: 'report',
      purpose: 'PATRQT',
      patient: 'p1',
      more: [view('chart.read'), detail('reason', 'asked for her letter')],
    });
    const [accounting] = accountingsOf(entries(printed), ALL);
    expect(accounting?.disclosures).toEqual([
      {
        time: '2026-03-02T08:15:00Z',
        recipient: 'Practitioner/osei',
        what: 'chart: printed',
        why: 'at the patient’s request (“asked for her letter”)',
        seq: 0,
      },
    ]);
  });

  it('names who was given it, and by whom', () => {
    const sent = event({ subtype: 'extract', patient: 'p1', more: [detail('recipient', 'St Mary Hospital')] });
    const [accounting] = accountingsOf(entries(sent), ALL);
    expect(accounting?.disclosures[0]?.recipient).toBe('St Mary Hospital (by Practitioner/osei)');
  });

  it.each(['report', 'extract', 'disclose'])('counts %s as a disclosure, for whatever purpose', (subtype) => {
    const [accounting] = accountingsOf(entries(event({ subtype, patient: 'p1' })), ALL);
    expect(accounting?.disclosures).toHaveLength(1);
  });

  it.each(['HRESCH', 'HMARKT', 'PATRQT', 'SOMETHINGNEW'])('counts reading for %s as a disclosure', (purpose) => {
    const [accounting] = accountingsOf(entries(event({ subtype: 'read', purpose, patient: 'p1' })), ALL);
    expect(accounting?.disclosures).toHaveLength(1);
  });

  it('sums up care by person, subject and purpose', () => {
    const read = (time: string, who = 'osei') =>
      event({ subtype: 'read', patient: 'p1', time, who, more: [view('chart.read')] });
    const log = entries(
      read('2026-03-03T10:00:00Z'),
      read('2026-03-02T10:00:00Z'),
      read('2026-03-03T11:00:00Z', 'lindqvist'),
    );
    const [accounting] = accountingsOf(log, ALL);
    const shared = { what: 'chart: opened', why: 'treatment' };
    expect(accounting?.uses).toEqual([
      {
        ...shared,
        recipient: 'Practitioner/osei',
        first: '2026-03-02T10:00:00Z',
        last: '2026-03-03T10:00:00Z',
        count: 2,
      },
      {
        ...shared,
        recipient: 'Practitioner/lindqvist',
        first: '2026-03-03T11:00:00Z',
        last: '2026-03-03T11:00:00Z',
        count: 1,
      },
    ]);
    expect(accounting?.disclosures).toEqual([]);
  });

  it('keeps what was refused apart: nothing was disclosed by it', () => {
    const denied = event({ subtype: 'extract', patient: 'p1', outcome: '4' });
    const [accounting] = accountingsOf(entries(denied), ALL);
    expect(accounting).toMatchObject({ disclosures: [], uses: [] });
    expect(accounting?.refused.map(({ what }) => what)).toEqual(['record: not exported']);
  });

  it('takes the patient and the period that were asked for, and an event of several patients for each', () => {
    const log = entries(
      event({ subtype: 'report', patient: 'p1', time: '2026-03-01T00:00:00Z' }),
      event({ subtype: 'report', patient: 'p2', time: '2026-03-02T00:00:00Z' }),
      event({ subtype: 'report', patient: 'p1', time: '2026-03-03T00:00:00Z' }),
    );
    const seqs = (request: Partial<AccountingRequest>) =>
      accountingsOf(log, { ...ALL, ...request }).map(({ patient, disclosures }) => [
        patient,
        disclosures.map(({ seq }) => seq),
      ]);
    expect(seqs({})).toEqual([
      ['p1', [0, 2]],
      ['p2', [1]],
    ]);
    expect(seqs({ patient: 'p1', from: '2026-03-01T00:00:00Z', to: '2026-03-03T00:00:00Z' })).toEqual([['p1', [0]]]);
    expect(seqs({ patient: 'p1', from: '2026-03-01T00:00:01Z' })).toEqual([['p1', [2]]]);
    expect(seqs({ patient: 'nobody' })).toEqual([['nobody', []]]);
  });

  it('tells of events as the program records them', () => {
    const stamp = {
      id: 'x',
      recorded: '2026-03-02T08:15:00Z',
      requestId: 'r',
      recorder: { id: 'w', system: 's', host: 'h', version: '1' },
    };
    const shared = { practitioner: 'Practitioner/osei', server: 'https://fhir.example', patientId: 'p1' };
    const log = entries(
      ...(['read', 'print', 'export', 'copy', 'emergency'] as const).map((action) =>
        auditEvent({ ...shared, action, view: 'chart.read' }, stamp),
      ),
      auditEvent({ ...shared, action: 'denied', attempted: 'read', view: 'chart.read' }, stamp),
      auditEvent({ ...shared, action: 'emergency-alert' }, stamp),
      auditEvent({ ...shared, action: 'unlock' }, stamp),
    );
    const [accounting] = accountingsOf(log, ALL);
    const told = (lines: readonly { what: string; recipient: string }[] = []) => lines.map(({ what }) => what);
    expect(told(accounting?.disclosures)).toEqual([
      'chart: printed',
      'chart: exported',
      'chart: copied to the clipboard',
    ]);
    expect(told(accounting?.uses)).toEqual(['chart: opened', 'chart: opened by emergency access']);
    expect(told(accounting?.refused)).toEqual(['chart: not opened']);
    expect(accounting?.uses[0]?.recipient).toBe('Practitioner/osei');
  });

  it('passes over what is no event of a patient', () => {
    const log: LoggedEvent[] = [
      { seq: 0, event: 'not JSON' },
      { seq: 1, event: '{"resourceType":"Patient"}' },
      { seq: 2, event: JSON.stringify(event({ subtype: '110122' })) },
    ];
    expect(accountingsOf(log, ALL)).toEqual([]);
  });
});

describe('the report of it', () => {
  const facts = {
    request: ALL,
    log: { origin: 'wardlight.org/audit/x', checkpoint: 'wardlight.org/audit/x\n9\nAAAA\n' },
    madeAt: '2026-04-01T09:00:00Z',
    timeZone: 'Europe/Zurich',
  };

  it('security: has no script, fetches nothing, and shows what is in the log as text', () => {
    const attack = '<img src=x onerror=alert(1)>"\'&';
    const log = entries(
      event({ subtype: 'report', purpose: attack, who: attack, patient: 'p1', more: [detail('reason', attack)] }),
    );
    const html = accountingHtml(accountingsOf(log, ALL), facts);
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
    expect(html).not.toContain('<img');
    expect(html).not.toMatch(/<script|<link|<iframe|\son[a-z]+=["']|(?:src|href)=["']|url\(/i);
    expect(html).toContain(`default-src 'none'; style-src 'unsafe-inline'`);
  });

  it('shows times in the zone that was asked for, and says which', () => {
    const html = accountingHtml(accountingsOf(entries(event({ subtype: 'report', patient: 'p1' })), ALL), facts);
    expect(html).toContain('02 Mar 2026, 09:15:00');
    expect(html).toContain('Europe/Zurich');
  });

  it('says where there is nothing', () => {
    expect(accountingHtml([], facts)).toContain('No events of any patient in this period.');
    const html = accountingHtml(accountingsOf([], { ...ALL, patient: 'p1' }), facts);
    expect(html).toContain('No disclosures in this period.');
  });
});
