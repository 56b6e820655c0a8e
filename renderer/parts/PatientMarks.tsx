import type { PatientRow } from '../../preload/contract/patients.ts';
import css from './parts.module.css';
import { MARK_WORDS } from './patientMarks.ts';

/** The marks of a patient's record on a line where room is short; whole in a title and for a screen reader. */
export function PatientMarks({ marks }: Pick<PatientRow, 'marks'>) {
  return marks.map((mark) => {
    const { brief, words, tone } = MARK_WORDS[mark];
    return (
      <span key={mark} className={css.mark} data-tone={tone} data-mark={mark} title={words}>
        {brief}
      </span>
    );
  });
}
