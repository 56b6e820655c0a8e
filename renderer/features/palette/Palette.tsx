import { Kbd } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { flushSync } from 'react-dom';
import type { PatientRow } from '../../../preload/contract/patients.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { type Command, offeredCommands } from '../../app/commands.ts';
import { errorWords } from '../../app/errors.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { type Choice, ComboList } from '../../parts/ComboList.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { formatBirth, formatName } from '../../parts/names.ts';
import { useNow } from '../../parts/useNow.ts';
import { t } from '../../words/t.ts';
import { fuzzyScore } from './fuzzy.ts';
import css from './palette.module.css';
import { noteChosen, recency } from './recent.ts';

const DEBOUNCE = 120;
const PATIENTS_MAX = 8;
const TYPED_MIN = 2;

interface Props {
  readonly onPatient: (patientId: string) => void;
  /** Looks for what was typed in records. */
  readonly onFind: (text: string) => void;
  readonly onClose: () => void;
}

/** All that can be done from here, by its name: places and acts, the last used first, and patients as the list finds them. */
export default function Palette({ onPatient, onFind, onClose }: Props) {
  const now = useNow();
  const [typed, setTyped] = useState('');
  // What is offered while it is open: what another part of the page shows meanwhile is none of its concern.
  const [commands] = useState(offeredCommands);
  const [query] = useDebouncedValue(typed.trim(), DEBOUNCE);
  const patients = usePatients(query);
  const isTyped = typed.trim().length >= TYPED_MIN;
  const busy = isTyped && (typed.trim() !== query || patients.isPending);
  const found = isTyped && !busy ? (patients.data?.items ?? []) : [];

  const choose = (act: () => void) => () => {
    // The dialog is gone first: it keeps the focus, and gives it back where it was.
    flushSync(onClose);
    act();
  };
  const choices: Choice[] = [
    ...matching(commands, typed).map((command) => commandChoice(command, choose)),
    ...found.map((row) =>
      patientChoice(
        row,
        now,
        choose(() => onPatient(row.id)),
      ),
    ),
    ...(isTyped
      ? [
          findChoice(
            typed.trim(),
            choose(() => onFind(typed.trim())),
          ),
        ]
      : []),
  ];
  const status = busy ? t('Looking for patients …') : statusWords(choices, found.length, patients.data?.total ?? 0);
  return (
    <Dialog title={t('What do you want to do?')} onClose={onClose} testId="palette-dialog">
      <ComboList
        label={t('A patient, a place or an act')}
        placeholder={t('A patient, a place or an act')}
        value={typed}
        onValue={setTyped}
        choices={choices}
        status={status}
        // What is chosen meanwhile is there already.
        busy={false}
        testId="palette"
      >
        {patients.isError && isTyped && (
          <p className={css.failed} role="alert">
            {t('Patients can’t be looked for: {why}', { why: errorWords(failureCode(patients.error)).title })}
          </p>
        )}
      </ComboList>
    </Dialog>
  );
}

/** Patients as the list shows them, by the same call: nobody whom it wouldn't. */
function usePatients(query: string) {
  const request = { query, sort: 'name' as const, descending: false, offset: 0, limit: PATIENTS_MAX };
  return useQuery({
    queryKey: queryKeys.palettePatients(query),
    queryFn: () => unwrap(bridge().patients.list(request)),
    enabled: query.length >= TYPED_MIN,
    ...recordOptions,
  });
}

function matching(commands: readonly Command[], typed: string): readonly Command[] {
  return commands
    .flatMap((command, at) => {
      const score = fuzzyScore(typed, `${command.title} ${command.words ?? ''}`);
      return score === null ? [] : [{ command, score, at, recent: recency(command.id) }];
    })
    .sort((a, b) => b.score - a.score || a.recent - b.recent || a.at - b.at)
    .map(({ command }) => command);
}

type Choose = (act: () => void) => () => void;

function commandChoice({ id, title, keys, run }: Command, choose: Choose): Choice {
  const act = choose(run);
  return {
    id,
    group: t('Places and acts'),
    shown: (
      <span className={css.line}>
        <span className={css.title}>{title}</span>
        {keys && <Kbd size="xs">{keys}</Kbd>}
      </span>
    ),
    choose: () => {
      noteChosen(id);
      act();
    },
  };
}

function patientChoice(row: PatientRow, now: Date, choose: () => void): Choice {
  return {
    id: `patient ${row.id}`,
    group: t('Patients'),
    shown: (
      <span className={css.line}>
        <bdi className={css.name}>{formatName(row.name)}</bdi>
        <span className={css.sub}>
          {formatBirth(row, now)} · <bdi>{row.mrn === null ? t('no MRN') : t('MRN {mrn}', { mrn: row.mrn })}</bdi>
          {row.location !== null && (
            <>
              {' '}
              · <bdi>{row.location}</bdi>
            </>
          )}
        </span>
        {row.similar && <span className={css.dead}>{t('Similar name')}</span>}
        {row.deceased !== false && <span className={css.dead}>{t('Deceased')}</span>}
      </span>
    ),
    choose,
  };
}

function findChoice(text: string, choose: () => void): Choice {
  return {
    id: 'find-typed',
    group: t('Records'),
    shown: <span className={css.title}>{t('Look for “{text}” in records', { text })}</span>,
    choose,
  };
}

function statusWords(choices: readonly Choice[], patients: number, total: number): string {
  const count = choices.length;
  return patients < total
    ? t('The first {patients} of {total} patients are listed.', { patients, total })
    : t('{count, plural, one {# choice.} other {# choices.}}', { count });
}
