import { describe, expect, it } from 'vitest';
import { auditEvent } from '../../../../main/audit/events/event.ts';
import { leafOf } from '../../../../main/audit/log/entry.ts';
import { judgedAlarms } from '../../../../main/audit/review/alarms.ts';
import { alarmOf, lineOf, markOf, readEntry } from '../../../../main/audit/review/lines.ts';
import { alarmsSchema } from '../../../../main/managed/alarms.ts';
import { accessLine, alarmRules } from '../../../../preload/contract/audit.ts';
import { recorder } from '../support.ts';

const entry = (event: object, seq = 7) => ({ seq, leaf: leafOf({ seq, previous: Buffer.alloc(32), event }) });
const OWN = 'urn:wardlight:audit-action';

describe('a line of the record of access', () => {
  it('is read from what this version writes', () => {
    const event = auditEvent(
      {
        action: 'read',
        practitioner: 'Practitioner/a',
        server: 'https://s',
        patientId: 'p1',
        resource: 'DocumentReference/n1',
        view: 'notes.read',
        purpose: 'ETREAT',
        emergency: true,
        reason: 'Found unconscious',
      },
      { id: 'e', recorded: '2026-03-04T05:06:07Z', requestId: 'request', recorder },
    );
    expect(lineOf(readEntry(entry(event)))).toEqual({
      seq: 7,
      at: '2026-03-04T05:06:07Z',
      who: 'Practitioner/a',
      patient: 'p1',
      action: 'read',
      view: 'notes.read',
      resourceType: 'DocumentReference',
      outcome: 'done',
      purposes: ['ETREAT'],
      emergency: true,
      reason: 'Found unconscious',
      workstation: recorder.host,
    });
  });

  it('has our own word for what was done, the name of the machine, and the view of a part of a chart', () => {
    const event = {
      recorded: '2026-03-04T05:06:07Z',
      outcome: '0',
      subtype: [{ code: 'read' }, { system: OWN, code: 'open-restricted' }],
      purposeOfEvent: [{ coding: [{ code: 'BTG' }] }],
      agent: [
        { who: { reference: 'Practitioner/a' } },
        { who: { identifier: { value: 'ws' } }, network: { address: 'ward-7-pc' } },
      ],
      source: { observer: { identifier: { value: 'ws' } } },
      entity: [{ what: { identifier: { system: 'urn:wardlight:view', value: 'results.list' } } }],
    };
    expect(lineOf(readEntry(entry(event)))).toMatchObject({
      action: 'open-restricted',
      workstation: 'ward-7-pc',
      view: 'results.list',
      purposes: ['BTG'],
      emergency: true,
    });
  });

  it('security: is well formed whatever stands in the log', () => {
    const long = 'x'.repeat(10_000);
    for (const event of [
      {},
      { subtype: 'read', agent: {}, entity: 7, purposeOfEvent: [null], recorded: 12, outcome: {} },
      { subtype: [null], agent: [null, { who: null }], entity: [{ what: { reference: 9 }, detail: [null] }] },
      { subtype: [{ code: long }], recorded: long, agent: [{ who: { reference: long } }], entity: [{ name: long }] },
      { subtype: [{ code: 'constructor' }], entity: [{ what: { reference: `Patient/${'<'.repeat(9)}` } }] },
      { carried: 'no event at all' },
    ]) {
      const { who, patient, ...line } = lineOf(readEntry(entry(event)));
      const named = {
        ...line,
        who: who && { reference: who, name: null },
        patient: patient && { id: patient, name: null },
      };
      expect(accessLine.safeParse(named).error).toBeUndefined();
      expect(alarmOf(readEntry(entry(event)))).toBeNull();
      expect(markOf(readEntry(entry(event)))).toBeNull();
    }
    expect(lineOf(readEntry({ seq: 1, leaf: 'no leaf' })).action).toBe('');
  });
});

describe('an alarm', () => {
  const alarm = (id: string, seq: number) =>
    entry(
      { id, recorded: `2026-03-04T05:06:${10 + seq}Z`, subtype: [{ code: '110132' }, { system: OWN, code: 'alarm' }] },
      seq,
    );
  const mark = (alarmId: string, reason: string, seq: number) =>
    entry(
      {
        id: `mark-${seq}`,
        recorded: `2026-03-04T05:06:${10 + seq}Z`,
        subtype: [{ code: 'amend' }],
        agent: [{ who: { reference: 'Practitioner/o' } }],
        entity: [
          { what: { reference: `AuditEvent/${alarmId}` } },
          { name: 'reason', detail: [{ type: 'reason', valueString: reason }] },
        ],
      },
      seq,
    );

  it('has the newest judgement of it, and stands once', () => {
    const judged = judgedAlarms([
      mark('a', 'second', 4),
      mark('a', 'first', 3),
      alarm('b', 2),
      alarm('a', 1),
      alarm('b', 0),
    ]);
    expect(judged.map(({ alarm: { id }, mark: made }) => [id, made?.reason ?? null])).toEqual([
      ['b', null],
      ['a', 'second'],
    ]);
  });
});

it('the page has a name for each rule of the policy', () => {
  const rules = Object.keys(alarmsSchema.parse({}).rules);
  expect([...rules, 'other'].sort()).toEqual([...alarmRules].sort());
});
