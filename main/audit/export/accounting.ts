import type { AuditEvent, Coding } from 'fhir/r4';

/** An event of the log, as an export has it. */
export interface LoggedEvent {
  readonly seq: number;
  /** AuditEvent as JSON. */
  readonly event: string;
}

/** What is to be accounted for: all of the log where nothing is said. */
export interface AccountingRequest {
  /** Logical id of one patient; null for each that there are events of. */
  readonly patient: string | null;
  /** ISO instants: from `from` to before `to`. */
  readonly from: string | null;
  readonly to: string | null;
}

/** One line of an accounting (45 CFR 164.528(b)(2)): date, who received it, what it was, and why. */
export interface AccountingLine {
  readonly time: string;
  /** FHIR reference or name of who received it. */
  readonly recipient: string;
  readonly what: string;
  readonly why: string;
  /** Where it stands in the log. */
  readonly seq: number;
}

/** Several of the same to the same for the same purpose (45 CFR 164.528(b)(3)): first, last, and how many. */
export interface AccountingSummary extends Omit<AccountingLine, 'time' | 'seq'> {
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

export interface Accounting {
  readonly patient: string;
  /** What left the care of her clinicians: prints, exports, what names a recipient, and purposes other than care. */
  readonly disclosures: readonly AccountingLine[];
  /** What was seen and written for treatment, payment and operations. */
  readonly uses: readonly AccountingSummary[];
  /** What was tried and not shown. */
  readonly refused: readonly AccountingLine[];
}

/** Purposes of treatment, payment and operations (v3-ActReason), emergency treatment among them. */
const CARE: ReadonlySet<string> = new Set([
  'TREAT',
  'ETREAT',
  'BTG',
  'CAREMGT',
  'COC',
  'HPAYMT',
  'HOPERAT',
  'HSYSADMIN',
  'PATADMIN',
  'HQUALIMP',
]);

const PURPOSES: Readonly<Record<string, string>> = {
  TREAT: 'treatment',
  ETREAT: 'emergency treatment',
  BTG: 'emergency access',
  HPAYMT: 'payment',
  HOPERAT: 'health care operations',
  HSYSADMIN: 'system administration',
  PATADMIN: 'patient administration',
  PATRQT: 'at the patient’s request',
  FAMRQT: 'at the family’s request',
  HRESCH: 'research',
  HLEGAL: 'legal proceedings',
  PUBHLTH: 'public health',
  COVERAGE: 'coverage',
};

/** By Wardlight's own actions, and by the standards' words for them. */
const WHAT: Readonly<Record<string, string>> = {
  print: 'printed',
  export: 'exported',
  copy: 'copied to the clipboard',
  decrypt: 'decrypted',
  emergency: 'opened by emergency access',
  'open-restricted': 'restricted part opened',
  'draft-discard': 'draft discarded',
  withdraw: 'unsent change withdrawn',
  'sync-sent': 'sent to the server',
  'sync-received': 'received from the server',
  read: 'opened',
  vread: 'opened',
  search: 'found by a search',
  create: 'written',
  update: 'changed',
  delete: 'deleted',
  report: 'printed',
  extract: 'exported',
  disclose: 'disclosed',
  receive: 'received',
  transmit: 'sent',
  originate: 'drafted',
  destroy: 'discarded',
  merge: 'conflict decided',
};

/** Ways in which something leaves Wardlight (ISO 21089). */
const LEAVING: ReadonlySet<string> = new Set(['report', 'extract', 'disclose']);
/** What an event says of itself that no person has seen anything by. */
const NOT_SHOWN: ReadonlySet<string> = new Set(['110113', '110114']);
const REFUSED: ReadonlySet<string> = new Set(['4', '8', '12']);
const VIEWS = 'urn:wardlight:view';

/** The accountings of the patients whom the events are about, by id. */
export function accountingsOf(entries: Iterable<LoggedEvent>, request: AccountingRequest): Accounting[] {
  const byPatient = new Map<string, { seq: number; event: AuditEvent }[]>();
  for (const { seq, event: text } of entries) {
    const event = readEvent(text);
    if (!event || !isWithin(event.recorded, request) || NOT_SHOWN.has(event.type?.code ?? '')) continue;
    for (const patient of patientsOf(event)) {
      if (request.patient !== null && request.patient !== patient) continue;
      const events = byPatient.get(patient) ?? [];
      events.push({ seq, event });
      byPatient.set(patient, events);
    }
  }
  if (request.patient !== null && !byPatient.has(request.patient)) byPatient.set(request.patient, []);
  return [...byPatient]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([patient, events]) => accountingOf(patient, events));
}

function accountingOf(patient: string, events: readonly { seq: number; event: AuditEvent }[]): Accounting {
  const [disclosures, uses, refused]: [AccountingLine[], AccountingLine[], AccountingLine[]] = [[], [], []];
  for (const { seq, event } of events) {
    const line = lineOf(seq, event);
    if (REFUSED.has(event.outcome ?? '0')) refused.push(line);
    else if (isDisclosure(event)) disclosures.push(line);
    else uses.push(line);
  }
  return { patient, disclosures: disclosures.sort(byTime), uses: summed(uses), refused: refused.sort(byTime) };
}

function byTime(left: AccountingLine, right: AccountingLine): number {
  return Date.parse(left.time) - Date.parse(right.time) || left.seq - right.seq;
}

function isDisclosure(event: AuditEvent): boolean {
  const isBalp = event.meta?.profile?.some((one) => one.includes('PrivacyDisclosure')) ?? false;
  const isLeaving = codesOf(event).some((code) => LEAVING.has(code));
  return isBalp || isLeaving || recipientOf(event) !== null || !purposesOf(event).every((code) => CARE.has(code));
}

function lineOf(seq: number, event: AuditEvent): AccountingLine {
  return {
    time: event.recorded,
    recipient: recipientOf(event) ?? requestorOf(event),
    what: whatOf(event),
    why: whyOf(event),
    seq,
  };
}

/** To whom it was given, where that is somebody else than who asked for it; with who gave it. */
function recipientOf(event: AuditEvent): string | null {
  const named = detailOf(event, 'recipient');
  return named === null ? null : `${named} (by ${requestorOf(event)})`;
}

function requestorOf({ agent = [] }: AuditEvent): string {
  const { who, name } = agent.find(({ requestor }) => requestor) ?? agent[0] ?? {};
  const words = [name ?? who?.display, who?.reference ?? who?.identifier?.value];
  return words.filter((word) => word !== undefined).join(', ') || 'unknown';
}

function whatOf(event: AuditEvent): string {
  // The last subtype is the most exact.
  const how = codesOf(event).findLast((code) => WHAT[code] !== undefined);
  const done = WHAT[how ?? ''] ?? codesOf(event)[0] ?? 'accessed';
  const objects = (event.entity ?? []).flatMap(({ what, name }) => {
    const isPatient = what?.reference?.startsWith('Patient/');
    if (what?.identifier?.system === VIEWS) return viewOf(what.identifier.value ?? '');
    if (what?.reference !== undefined && !isPatient && !what.reference.startsWith('AuditEvent/')) return what.reference;
    return what === undefined && name !== undefined && name.includes('.') ? viewOf(name) : [];
  });
  const isRefused = REFUSED.has(event.outcome ?? '0');
  return `${[...new Set(objects)].join(', ') || 'record'}: ${isRefused ? 'not ' : ''}${done}`;
}

/** `chart.read` is the chart. */
function viewOf(view: string): string {
  return view.split('.')[0] ?? view;
}

function whyOf(event: AuditEvent): string {
  const purposes = purposesOf(event).map((code) => PURPOSES[code] ?? code);
  const reason = detailOf(event, 'reason');
  return `${purposes.join(', ') || 'not stated'}${reason === null ? '' : ` (“${reason}”)`}`;
}

function purposesOf({ purposeOfEvent = [], agent = [] }: AuditEvent): string[] {
  const concepts = [...purposeOfEvent, ...agent.flatMap(({ purposeOfUse = [] }) => purposeOfUse)];
  const codes = concepts.flatMap(({ coding = [] }) => coding.flatMap(({ code }) => code ?? []));
  return [...new Set(codes)];
}

function codesOf({ subtype = [], type }: AuditEvent): string[] {
  return [type as Coding | undefined, ...subtype].flatMap((coding) => coding?.code ?? []);
}

function detailOf({ entity = [] }: AuditEvent, type: string): string | null {
  const details = entity.flatMap(({ detail = [] }) => detail);
  return details.find((one) => one.type === type)?.valueString ?? null;
}

function patientsOf({ entity = [] }: AuditEvent): string[] {
  const ids = entity.flatMap(({ what }) => /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(what?.reference ?? '')?.[1] ?? []);
  return [...new Set(ids)];
}

function summed(lines: readonly AccountingLine[]): AccountingSummary[] {
  const sums = new Map<string, AccountingSummary>();
  for (const { time, recipient, what, why } of [...lines].sort(byTime)) {
    const key = JSON.stringify([recipient, what, why]);
    const sum = sums.get(key);
    sums.set(key, { recipient, what, why, first: sum?.first ?? time, last: time, count: (sum?.count ?? 0) + 1 });
  }
  return [...sums.values()];
}

function isWithin(recorded: string, { from, to }: AccountingRequest): boolean {
  const time = Date.parse(recorded);
  return (from === null || time >= Date.parse(from)) && (to === null || time < Date.parse(to));
}

function readEvent(text: string): AuditEvent | null {
  try {
    const value = JSON.parse(text) as Partial<AuditEvent> | null;
    return value?.resourceType === 'AuditEvent' ? (value as AuditEvent) : null;
  } catch {
    return null;
  }
}
