import type { AccessLine } from '../../../preload/contract/audit.ts';
import { formatDateTime } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';
import css from './audit.module.css';
import { deedWords, outcomeWords, personWords, purposesWords } from './lineWords.ts';

/** One access, on one line; what doesn't fit is in the title. */
export function AccessRow({ line, index }: { readonly line: AccessLine; readonly index: number }) {
  const { at, who, emergency, outcome, reason, workstation } = line;
  const [deed, failed, purposes] = [deedWords(line), outcomeWords(line), purposesWords(line)];
  const place = workstation ?? t('This workstation');
  const said = reason === null ? purposes : `${purposes}: ${reason}`;
  return (
    <tr className={css.row} aria-rowindex={index + 2} data-testid="access" data-emergency={emergency}>
      <td className="wl-numbers">{formatDateTime(at)}</td>
      <td title={who?.reference}>
        <bdi>{who ? personWords(who) : t('Wardlight itself')}</bdi>
      </td>
      <td title={[deed, failed].filter(Boolean).join(', ')} data-outcome={outcome}>
        {emergency && <span className={css.emergency}>{t('EMERGENCY')}</span>} {deed}
        {failed && <em className={css.outcome}> {failed}</em>}
      </td>
      <td title={said}>{said}</td>
      <td title={place}>{place}</td>
    </tr>
  );
}
