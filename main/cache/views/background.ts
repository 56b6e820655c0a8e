import type {
  CarePlanItem,
  DeviceItem,
  FamilyMember,
  GoalItem,
  Immunization,
} from '../../../preload/contract/background.ts';
import { placeholder } from '../../../preload/contract/placeholders.ts';
import { dateText } from '../dates.ts';
import {
  bound,
  codings,
  conceptText,
  digits,
  encryptedPaths,
  field,
  items,
  maskWord,
  text,
  textOrMask,
} from '../json.ts';
import { quantityText, rangeText } from './quantity.ts';

/** An Immunization as the chart shows it. The resource was read by `parseExact`. */
export function immunizationView(resource: unknown): Immunization {
  const [protocol] = items(resource, 'protocolApplied');
  return {
    id: text(resource, 'id') ?? '',
    vaccine: conceptText(field(resource, 'vaccineCode')) ?? placeholder('vaccine'),
    status: text(resource, 'status') ?? 'unknown',
    reason: conceptText(field(resource, 'statusReason')) ?? null,
    date: dateText(field(resource, 'occurrenceDateTime')) ?? text(resource, 'occurrenceString') ?? null,
    dose: digits(protocol, 'doseNumberPositiveInt') ?? text(protocol, 'doseNumberString') ?? null,
    series: digits(protocol, 'seriesDosesPositiveInt') ?? text(protocol, 'seriesDosesString') ?? null,
    lot: textOrMask(resource, 'lotNumber') ?? null,
    encrypted: encryptedPaths(resource),
  };
}

/** A Goal as the chart shows it. */
export function goalView(resource: unknown): GoalItem {
  const dues = items(resource, 'target').flatMap((target) => dateText(field(target, 'dueDate')) ?? []);
  return {
    id: text(resource, 'id') ?? '',
    text: conceptText(field(resource, 'description')) ?? placeholder('goal'),
    status: text(resource, 'lifecycleStatus') ?? 'unknown',
    achievement: conceptText(field(resource, 'achievementStatus')) ?? null,
    start: dateText(field(resource, 'startDate')),
    due: dues.sort()[0] ?? null,
    encrypted: encryptedPaths(resource),
  };
}

/** A CarePlan as the chart shows it. */
export function carePlanView(resource: unknown): CarePlanItem {
  const categories = items(resource, 'category').flatMap((one) => conceptText(one) ?? []);
  return {
    id: text(resource, 'id') ?? '',
    title:
      textOrMask(resource, 'title') ?? categories[0] ?? textOrMask(resource, 'description') ?? placeholder('care-plan'),
    status: text(resource, 'status') ?? 'unknown',
    start: dateText(field(resource, 'period', 'start')),
    end: dateText(field(resource, 'period', 'end')),
    activities: items(resource, 'activity').flatMap(activityText).slice(0, 10),
    encrypted: encryptedPaths(resource),
  };
}

function activityText(activity: unknown): string | readonly [] {
  const detail = field(activity, 'detail');
  return (
    maskWord(activity) ??
    textOrMask(detail, 'description') ??
    conceptText(field(detail, 'code')) ??
    text(activity, 'reference', 'display') ??
    []
  );
}

/** A FamilyMemberHistory as the chart shows it. */
export function familyView(resource: unknown): FamilyMember {
  const deceased = ['Boolean', 'Age', 'Range', 'Date', 'String'].some((kind) => {
    const value = field(resource, `deceased${kind}`);
    return value !== undefined && value !== false;
  });
  return {
    id: text(resource, 'id') ?? '',
    relationship: conceptText(field(resource, 'relationship')) ?? placeholder('relationship'),
    status: text(resource, 'status') ?? 'unknown',
    deceased,
    conditions: items(resource, 'condition')
      .slice(0, 20)
      .map((condition) => ({
        text: maskWord(condition) ?? conceptText(field(condition, 'code')) ?? placeholder('problem'),
        onset: onsetText(condition),
      })),
    encrypted: encryptedPaths(resource),
  };
}

function onsetText(condition: unknown): string | null {
  const age = quantityText(field(condition, 'onsetAge')) ?? rangeText(field(condition, 'onsetRange'));
  return age ?? dateText(field(condition, 'onsetPeriod', 'start')) ?? text(condition, 'onsetString') ?? null;
}

/** NCI Thesaurus, as FHIR's device-safety value set has it. */
const mriCodes: Readonly<Record<string, DeviceItem['mri']>> = {
  C106045: 'safe',
  C106046: 'conditional',
  C106047: 'unsafe',
  C113844: 'not-labelled',
};
const gravest = ['unsafe', 'conditional', 'not-labelled', 'safe'] as const;

/** A Device as the chart shows it. Of several codes about magnetic resonance the gravest one holds. */
export function deviceView(resource: unknown): DeviceItem {
  const coded = items(resource, 'safety')
    .flatMap((one) => codings(one))
    .map(({ code }) => (Object.hasOwn(mriCodes, code) ? mriCodes[code] : null));
  const names = items(resource, 'deviceName').flatMap((one) => text(one, 'name') ?? []);
  return {
    id: text(resource, 'id') ?? '',
    name: bound(
      conceptText(field(resource, 'type')) ?? names[0] ?? text(resource, 'modelNumber') ?? placeholder('device'),
    ),
    status: text(resource, 'status') ?? 'unknown',
    lot: textOrMask(resource, 'lotNumber') ?? null,
    serial: textOrMask(resource, 'serialNumber') ?? null,
    mri: gravest.find((one) => coded.includes(one)) ?? null,
    encrypted: encryptedPaths(resource),
  };
}
