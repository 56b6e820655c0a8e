import type { NewProblem } from '../../../preload/contract/clinical.ts';
import { bridge } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import { typedDay, typedNamed } from './correction.ts';
import type { Form, Typed } from './formTypes.ts';
import { readerOf } from './reading.ts';
import { DATE_HINT, LONGEST, SEVERITIES } from './words.ts';

const CERTAINTIES = [
  ['', t('Choose…')],
  ['confirmed', t('Confirmed')],
  ['provisional', t('Provisional')],
  ['differential', t('Differential: one of several')],
  ['unconfirmed', t('Unconfirmed')],
] as const;

/** A problem or diagnosis. */
export const problemForm: Form = {
  type: 'Condition',
  title: t('Record a problem'),
  start: { verification: '', severity: '' },
  fields: () => [
    { kind: 'named', name: 'problem', label: t('Problem or diagnosis'), suggest: 'problem' },
    { kind: 'choice', name: 'verification', label: t('Certainty'), options: CERTAINTIES, part: 'half' },
    { kind: 'choice', name: 'severity', label: t('Severity'), options: SEVERITIES, part: 'half' },
    { kind: 'date', name: 'onset', label: t('Since'), hint: DATE_HINT, longest: LONGEST.date },
    { kind: 'area', name: 'note', label: t('Comment'), longest: LONGEST.comment },
  ],
  draftTitle: ({ problem }) => (problem?.trim() ? t('Problem: {trim}', { trim: problem.trim() }) : t('Problem')),
  typedOf: (rejected) => (rejected.kind === 'problem' ? typedIn(rejected.given) : {}),
  elements: {
    ...{ problem: ['code'], verification: ['verificationStatus'], severity: ['severity'] },
    ...{ onset: ['onset', 'onsetDateTime'], note: ['note'] },
  },
  prepare(about, typed, today) {
    const read = readerOf(typed, today);
    const verification = read.choice('verification', ['confirmed', 'provisional', 'differential', 'unconfirmed']);
    if (verification === null) read.fault('verification', t('Choose how certain it is.'));
    const problem = {
      problem: read.named('problem', t('Type what the problem is.')),
      verification: verification ?? 'unconfirmed',
      severity: read.choice('severity', ['mild', 'moderate', 'severe']),
      onset: read.date('onset', 'past'),
      note: read.text('note'),
    };
    return read.prepared(() => bridge().charting.recordProblem({ ...about, ...problem }));
  },
};

function typedIn({ problem, verification, severity, onset, note }: NewProblem): Typed {
  const rest = { verification, severity: severity ?? '', onset: typedDay(onset), note: note ?? '' };
  return { ...typedNamed('problem', problem), ...rest };
}
