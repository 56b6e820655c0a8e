import { type ReactNode, useId } from 'react';
import type { SaidItems } from '../../../preload/contract/said.ts';
import type { Choice, ConflictField } from '../../../preload/contract/sync.ts';
import { bridge } from '../../app/bridge.ts';
import { Late } from '../../app/Late.tsx';
import { elementName } from '../../parts/elementNames.ts';
import { isAllEncrypted, saidWords } from '../../parts/said.ts';
import { t } from '../../words/t.ts';
import { sealedField } from '../documents/sealedField.ts';
import css from './conflict.module.css';
import { ExactDiff } from './ExactDiff.tsx';
import { SaidDiff } from './SaidDiff.tsx';

interface Props {
  readonly changeId: string;
  /** Of the record. */
  readonly type: string;
  readonly field: ConflictField;
  /** Undefined where nobody has decided yet. */
  readonly chosen: Choice | undefined;
  /** Null where there is nothing to choose: both made the same change, or the record is deleted. */
  readonly onChoose: ((choice: Choice) => void) | null;
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
export function FieldChoice(props: Props) {
  const { type, field, chosen, onChoose, absent = t('not there') } = props;
  const { path, base, mine, theirs, both, changedBy } = field;
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
        <FieldName type={type} path={path} />{' '}
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
            <SideText {...props} side="base">
              {base === null ? <span className="wl-muted">{t('not there')}</span> : saidWords(type, base)}
            </SideText>
          </div>
        </div>
        <ChoiceCell {...props} choice="mine" items={mine} absent={t('not there')} />
        <ChoiceCell {...props} choice="theirs" items={theirs} absent={absent} />
        {both && onChoose && <ChoiceCell {...props} choice="both" items={both} absent={absent} />}
      </div>
      <ExactDiff type={type} field={field} />
    </fieldset>
  );
}

/** What clinicians call an element; what has no such name stands under the one that FHIR gives it. */
export function FieldName({ type, path }: Pick<Props, 'type'> & { readonly path: string }) {
  return elementName(type, path) ?? <code>{path}</code>;
}

const TITLES: Readonly<Record<Choice, string>> = {
  mine: t('Yours'),
  theirs: t('On the server'),
  both: t('Both: what either added, without what either took out'),
};

/** Names of the choices for those who hear them. */
const spoken: Readonly<Record<Choice, (label: string) => string>> = {
  mine: (label) => t('{label}: take {side}', { label, side: t('yours') }),
  theirs: (label) => t('{label}: take {side}', { label, side: t('the server’s') }),
  both: (label) => t('{label}: take what both added', { label }),
};

interface CellProps extends Props {
  readonly choice: Choice;
  readonly items: SaidItems | null;
  readonly absent: string;
}

function ChoiceCell(props: CellProps) {
  const { type, field, choice, items, chosen, onChoose, absent } = props;
  const id = useId();
  const isChosen = chosen === choice;
  const said =
    items === null ? (
      <span className="wl-muted">{absent}</span>
    ) : (
      <SaidDiff type={type} before={field.base} after={items} />
    );
  return (
    <div className={css.side} data-side={choice} data-chosen={isChosen}>
      {onChoose ? (
        <label className={css.sideHead} htmlFor={id}>
          <input
            id={id}
            type="radio"
            name={`field-${field.path}`}
            value={choice}
            checked={isChosen}
            onChange={() => onChoose(choice)}
            aria-label={spoken[choice](elementName(type, field.path) ?? field.path)}
            data-testid={`choose-${choice}`}
          />
          {TITLES[choice]}
        </label>
      ) : (
        <p className={css.sideHead}>{TITLES[choice]}</p>
      )}
      <div className={css.text}>
        {choice === 'both' ? (
          said
        ) : (
          <SideText {...props} side={choice}>
            {said}
          </SideText>
        )}
      </div>
    </div>
  );
}

interface SideTextProps extends Pick<Props, 'changeId' | 'field'> {
  readonly side: 'base' | 'mine' | 'theirs';
  readonly children: ReactNode;
}

/** What one side says; what of it is encrypted is opened when somebody asks, each side by itself. */
function SideText({ changeId, field: { path, ...sides }, side, children }: SideTextProps) {
  if (!sides.encrypted[side]) return children;
  const open = [() => bridge().sealed.revealConflict({ changeId, side, path })];
  const field = [changeId, side, path].join();
  const isAll = isAllEncrypted(sides[side]);
  return (
    <>
      {!isAll && <div>{children}</div>}
      <Late chunk={sealedField} props={{ field, open, ...(isAll && { masked: t('Encrypted') }) }} fallback={null} />
    </>
  );
}
