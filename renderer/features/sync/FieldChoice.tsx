import { type ReactNode, useId } from 'react';
import type { ConflictField } from '../../../preload/contract/sync.ts';
import { bridge } from '../../app/bridge.ts';
import { Late } from '../../app/Late.tsx';
import { t } from '../../words/t.ts';
import { sealedField } from '../documents/sealedField.ts';
import css from './conflict.module.css';
import { DiffText } from './DiffText.tsx';
import type { Side } from './merge.ts';

interface Props {
  readonly changeId: string;
  readonly field: ConflictField;
  /** Undefined where nobody has decided yet. */
  readonly chosen: Side | undefined;
  /** Null where there is nothing to choose: both made the same change, or the record is deleted. */
  readonly onChoose: ((side: Side) => void) | null;
  /** What stands where the server has nothing. */
  readonly absent?: string;
}

const CHANGED_BY: Readonly<Record<ConflictField['changedBy'], string>> = {
  both: t('changed on both sides'),
  mine: t('changed by you'),
  theirs: t('changed on the server'),
  same: t('changed alike on both sides'),
};

/** One element as it was, as it is here and as it is on the server, and whose is taken. */
export function FieldChoice({ changeId, field, chosen, onChoose, absent = t('not there') }: Props) {
  const { path, label, base, mine, theirs, changedBy } = field;
  const isEncrypted = Object.values(field.encrypted).some(Boolean);
  const waits = onChoose !== null && chosen === undefined;
  return (
    <fieldset
      className={css.field}
      data-testid="conflict-field"
      data-path={path}
      data-changed-by={changedBy}
      data-chosen={chosen ?? 'none'}
      data-waits={waits}
    >
      <legend className={css.legend}>
        {label}{' '}
        <span className={css.by}>
          {isEncrypted && `${t('encrypted')}, `}
          {CHANGED_BY[changedBy]}
        </span>
        {waits && <strong className={css.waits}>{t('Choose one')}</strong>}
      </legend>
      <div className={css.sides}>
        <div className={css.side}>
          <p className={css.sideHead}>{t('Before')}</p>
          <div className={css.text}>
            <SideText changeId={changeId} field={field} side="base">
              {base ?? <span className="wl-muted">{t('not there')}</span>}
            </SideText>
          </div>
        </div>
        <SideCell side="mine" title={t('Yours')} before={base} text={mine} {...{ changeId, field, chosen, onChoose }} />
        <SideCell
          side="theirs"
          title={t('On the server')}
          before={base}
          text={theirs}
          {...{ changeId, field, chosen, onChoose, absent }}
        />
      </div>
    </fieldset>
  );
}

interface SideProps extends Props {
  readonly side: Side;
  readonly title: string;
  readonly before: string | null;
  readonly text: string | null;
}

function SideCell({
  changeId,
  field,
  side,
  title,
  before,
  text,
  chosen,
  onChoose,
  absent = t('not there'),
}: SideProps) {
  const id = useId();
  const isChosen = chosen === side;
  return (
    <div className={css.side} data-chosen={isChosen}>
      {onChoose ? (
        <label className={css.sideHead} htmlFor={id}>
          <input
            id={id}
            type="radio"
            name={`field-${field.path}`}
            value={side}
            checked={isChosen}
            onChange={() => onChoose(side)}
            aria-label={t('{label}: take {side}', {
              label: field.label,
              side: side === 'mine' ? t('yours') : t('the server’s'),
            })}
            data-testid={`choose-${side}`}
          />
          {title}
        </label>
      ) : (
        <p className={css.sideHead}>{title}</p>
      )}
      <div className={css.text}>
        <SideText changeId={changeId} field={field} side={side}>
          {text === null ? <span className="wl-muted">{absent}</span> : <DiffText before={before} after={text} />}
        </SideText>
      </div>
    </div>
  );
}

interface SideTextProps extends Pick<Props, 'changeId' | 'field'> {
  readonly side: Side | 'base';
  readonly children: ReactNode;
}

/** What one side says; what of it is encrypted is opened when somebody asks, each side by itself. */
function SideText({ changeId, field: { path, ...texts }, side, children }: SideTextProps) {
  if (!texts.encrypted[side]) return children;
  const open = [() => bridge().sealed.revealConflict({ changeId, side, path })];
  const field = [changeId, side, path].join();
  const isAll = texts[side] === 'Encrypted';
  return (
    <>
      {!isAll && <div>{children}</div>}
      <Late chunk={sealedField} props={{ field, open, ...(isAll && { masked: t('Encrypted') }) }} fallback={null} />
    </>
  );
}
