import type { AuditEvent, CodeableConcept, Reference } from 'fhir/r4';
import { type AuditAction, DCM, type Pattern } from './actions.ts';
import type { AuditEntry, Recorder } from './entry.ts';

type Agent = AuditEvent['agent'][number];

const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';

const concept = (system: string, code: string, display: string): CodeableConcept => ({
  coding: [{ system, code, display }],
});

const SOURCE = concept(DCM, '110153', 'Source Role ID');
const DESTINATION = concept(DCM, '110152', 'Destination Role ID');
const APPLICATION = concept(DCM, '110150', 'Application');
const CUSTODIAN = concept(
  'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
  'custodian',
  'Custodian',
);

/** `auditevent` network types: a machine's name, a URI. */
const MACHINE = '1';
const URI = '5';

/** Done by IT or by the program, for the whole workstation. */
const BY_IT: ReadonlySet<AuditAction> = new Set([
  'accept-server',
  'policy-load',
  'policy-alarm',
  'wipe',
  'start',
  'stop',
  'configuration',
  'program-update',
  'clock-jump',
  'log-begun',
  'log-stopped',
  'log-resumed',
  'log-finding',
  'alarm',
  'review',
  'alarm-false',
]);
/** Nobody's doing, where nobody is named. */
const BY_PROGRAM: ReadonlySet<AuditAction> = new Set([...BY_IT, 'sync-received', 'sync-sent']);

/** v3-ActReason: care where nothing else was stated, but for what IT does; emergency access beside the stated purpose. */
export function purposesOf({ action, purpose, emergency, attempted }: AuditEntry): CodeableConcept[] {
  const overrides = emergency || attempted === 'emergency' || action.startsWith('emergency');
  const stated = purpose ?? (BY_IT.has(action) ? 'HSYSADMIN' : 'TREAT');
  return [...new Set([...(overrides ? ['BTG'] : []), stated])].map((code) => ({
    coding: [{ system: ACT_REASON, code }],
  }));
}

/** The program on this workstation, by the workstation's identifier: the same in `source` and among the agents. */
export function workstation({ id, system, version }: Recorder): Reference {
  return { type: 'Device', identifier: { system, value: id }, display: `Wardlight ${version}` };
}

/** BALP has the person receive what is read, and be the author of what is written. */
function userType(pattern: Pattern): Pick<Agent, 'type'> {
  if (pattern === null) return {};
  const writes = pattern === 'create' || pattern === 'update' || pattern === 'delete';
  const [code, display] = writes ? ['AUT', 'author (originator)'] : ['IRCP', 'information recipient'];
  return { type: concept(PARTICIPATION, code as string, display as string) };
}

function user(entry: AuditEntry, pattern: Pattern): Agent[] {
  const { practitioner, action, roles = [] } = entry;
  if (practitioner === null && BY_PROGRAM.has(action)) return [];
  // Whoever sends a link to a workstation where nobody has signed in is nobody that is known.
  const who = practitioner === null ? { display: 'nobody signed in' } : { reference: practitioner };
  const role = roles.map((one): CodeableConcept => {
    const bar = one.indexOf('|');
    return { coding: [{ ...(bar > 0 && { system: one.slice(0, bar) }), code: one.slice(bar + 1) }] };
  });
  return [
    {
      ...userType(pattern),
      ...(role.length > 0 && { role }),
      who,
      requestor: true,
      purposeOfUse: purposesOf(entry),
    },
  ];
}

/** Who asks is the source of a query and of what is written, and the destination of what is read. */
function roleTypes(pattern: Pattern): { client: CodeableConcept; server: CodeableConcept } {
  if (pattern === 'read') return { client: DESTINATION, server: SOURCE };
  if (pattern === 'delete') return { client: APPLICATION, server: CUSTODIAN };
  return { client: SOURCE, server: DESTINATION };
}

function machine(type: CodeableConcept, recorder: Recorder, requestor: boolean): Agent {
  return { type, who: workstation(recorder), requestor, network: { address: recorder.host, type: MACHINE } };
}

/** FHIR has no empty texts: what isn't known is said to be so. */
function other(type: CodeableConcept, name: string, address: string): Agent {
  return {
    type,
    who: { display: name || 'unknown' },
    requestor: false,
    network: { address: address || 'unknown', type: URL.canParse(address) ? URI : MACHINE },
  };
}

/** The person, the program and whom it speaks with, in the parts that BALP gives them. */
export function agentsOf(entry: AuditEntry, pattern: Pattern, recorder: Recorder): Agent[] {
  const { action, server, details } = entry;
  const people = user(entry, pattern);
  const own = (type: CodeableConcept) => machine(type, recorder, people.length === 0);
  if (pattern === 'disclosure') {
    const recipient = details?.recipient ?? 'unknown';
    return [...people, own(SOURCE), other(DESTINATION, recipient, URL.canParse(recipient) ? recipient : recorder.host)];
  }
  const host = URL.canParse(server) ? new URL(server).host : server;
  if (action === 'sync-received') return [...people, own(DESTINATION), other(SOURCE, host, server)];
  if (pattern === null) return [...people, own(APPLICATION)];
  const { client, server: serverType } = roleTypes(pattern);
  return [...people, own(client), other(serverType, host, server)];
}
