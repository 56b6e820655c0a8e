import type { ConflictField } from '../../../preload/contract/sync.ts';
import { saidWords } from '../../parts/said.ts';
import { t } from '../../words/t.ts';
import css from './conflict.module.css';

interface Props {
  /** Of the record. */
  readonly type: string;
  readonly field: ConflictField;
}

/**
 * Where the versions differ, to the character: open where what two of them say reads alike, as a code of another system
 * does, or a space that isn't seen.
 */
export function ExactDiff({ type, field }: Props) {
  const { all, more } = field.exact;
  if (all.length === 0) return null;
  const alike = readsAlike(type, field);
  return (
    <details className={css.exact} open={alike} data-testid="conflict-exact">
      <summary>
        {alike ? t('These read alike, and are not the same: exactly what differs') : t('Exactly what differs')}
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('Where')}</th>
            <th scope="col">{t('Before')}</th>
            <th scope="col">{t('Yours')}</th>
            <th scope="col">{t('On the server')}</th>
          </tr>
        </thead>
        <tbody>
          {all.map(({ at, ...sides }) => (
            <tr key={at}>
              <th scope="row">
                <code>{at}</code>
              </th>
              {(['base', 'mine', 'theirs'] as const).map((side) => (
                <td key={side}>
                  {sides[side] === null ? (
                    <span className="wl-muted">{t('not there')}</span>
                  ) : (
                    <code dir="ltr">{sides[side]}</code>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && (
        <p className="wl-muted">{t('{more, plural, one {# more place} other {# more places}}', { more })}</p>
      )}
    </details>
  );
}

/** True where two versions that differ somewhere are shown in the same words, or in such as look the same. */
export function readsAlike(type: string, { base, mine, theirs, exact }: ConflictField): boolean {
  const shown = { base, mine, theirs };
  const seen = (side: keyof typeof shown) => (shown[side] === null ? null : folded(saidWords(type, shown[side])));
  return (
    [
      ['base', 'mine'],
      ['base', 'theirs'],
      ['mine', 'theirs'],
    ] as const
  ).some(([one, other]) => seen(one) === seen(other) && exact.all.some((place) => place[one] !== place[other]));
}

/** What the eye makes of a text: nothing of what takes no room, one kind of space, one form of a letter. */
function folded(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Cc}\p{Mn}]/gu, (one) => (/\s/.test(one) ? ' ' : ''))
    .replace(/\s+/g, ' ')
    .trim();
}
