import type { CareTeamItem, Contact } from '../../../preload/contract/background.ts';
import { placeholder } from '../../../preload/contract/placeholders.ts';
import { interval } from '../dates.ts';
import { bound, conceptText, encryptedPaths, field, items, maskWord, text, textOrMask } from '../json.ts';
import { type Lookup, personText } from './medications.ts';

type Member = CareTeamItem['members'][number];

const MEMBERS_MAX = 50;
const CONTACTS_MAX = 10;

/** A CareTeam as the chart shows it: who is on it at `now`, and how to reach them. */
export function careTeamView(resource: unknown, lookup: Lookup, now: number): CareTeamItem {
  const present = items(resource, 'participant').filter((one) => {
    const end = interval(field(one, 'period', 'end'));
    return end === null || end.end >= now;
  });
  return {
    id: text(resource, 'id') ?? '',
    kind: 'team',
    name: textOrMask(resource, 'name') ?? null,
    members: present.slice(0, MEMBERS_MAX).map((one) => memberView(one, lookup)),
    encrypted: encryptedPaths(resource),
  };
}

/** The general practitioners whom a Patient names; null where there is none. */
export function generalPractitioners(patient: unknown, lookup: Lookup): CareTeamItem | null {
  const members = items(patient, 'generalPractitioner').map((member) => memberView({ member }, lookup));
  if (members.length === 0) return null;
  const id = text(patient, 'id') ?? '';
  return { id, kind: 'general-practitioner', name: null, members: members.slice(0, MEMBERS_MAX), encrypted: [] };
}

function memberView(participant: unknown, lookup: Lookup): Member {
  const member = field(participant, 'member');
  const roles = items(participant, 'role').flatMap((one) => conceptText(one) ?? []);
  const resource = lookup(field(member, 'reference'));
  const own = items(resource, 'code').flatMap((one) => conceptText(one) ?? []);
  return {
    name: maskWord(participant) ?? personText(member, lookup) ?? placeholder('person'),
    role: bound((roles.length > 0 ? roles : own).join(', ')) || null,
    contacts: contactsOf(resource, lookup),
  };
}

/** Of a role first its own, which is of the place where it is held, then the person's. */
function contactsOf(resource: unknown, lookup: Lookup): Contact[] {
  const person = lookup(field(resource, 'practitioner', 'reference'));
  const told = [resource, person].flatMap((one) => items(one, 'telecom')).flatMap(contactView);
  const different = told.filter((one, at) => told.findIndex(({ value }) => value === one.value) === at);
  return different.slice(0, CONTACTS_MAX);
}

const kinds = ['phone', 'pager', 'sms', 'email', 'fax'] as const;

/** What is no longer used is no way to reach anybody, and a home number is not for colleagues. */
function contactView(telecom: unknown): Contact | readonly [] {
  const value = maskWord(telecom) ?? textOrMask(telecom, 'value');
  if (value === undefined || ['old', 'home'].includes(text(telecom, 'use') ?? '')) return [];
  return { kind: kinds.find((one) => one === text(telecom, 'system')) ?? 'other', value };
}
