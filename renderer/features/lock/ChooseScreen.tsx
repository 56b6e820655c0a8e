/** @jsxImportSource preact */
import { useRef, useState } from 'preact/hooks';
import type { SessionState } from '../../../preload/contract/session.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import { LockButton } from './LockButton.tsx';
import css from './lock.module.css';
import { Problem } from './Problem.tsx';
import { ScreenCard } from './ScreenCard.tsx';
import { useFirstFocus } from './useFirstFocus.ts';

type Choosing = Extract<SessionState, { phase: 'choosing' }>;
type Known = Choosing['profiles'][number];

interface Props {
  readonly profiles: Choosing['profiles'];
  readonly damaged: Choosing['damaged'];
}

/** Several clinicians use this workstation: who it is this time, the last one first. */
export function ChooseScreen({ profiles, damaged }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const [failure, setFailure] = useState<string | null>(null);

  const choose = async (id: string) => setFailure(await codeOf(bridge().session.choose({ id })));
  const add = async () => setFailure(await codeOf(bridge().session.addClinician({})));

  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(next, buttons.length - 1))]?.focus();
  };

  return (
    <ScreenCard title={t('Who is it?')} testId="choose-screen">
      <p>{t('These clinicians have records on this workstation. Nobody else can open yours.')}</p>
      {/* The arrows go from name to name; Enter and Tab do what they always do. */}
      <ul ref={list} className={css.people} onKeyDown={onKeyDown}>
        {profiles.map((profile, at) => (
          <li key={profile.id}>
            <Person profile={profile} focused={at === 0} onChoose={() => choose(profile.id)} />
          </li>
        ))}
      </ul>
      {damaged.length > 0 && <Damaged folders={damaged} />}
      {failure && <Problem code={failure} />}
      <div className={css.actions}>
        <LockButton onClick={add} focused={profiles.length === 0} data-testid="add-clinician">
          {t('Another clinician')}
        </LockButton>
      </div>
    </ScreenCard>
  );
}

interface PersonProps {
  readonly profile: Known;
  readonly focused: boolean;
  readonly onChoose: () => void;
}

function Person({ profile, focused, onChoose }: PersonProps) {
  const ref = useFirstFocus<HTMLButtonElement>(focused);
  return (
    <button
      ref={ref}
      type="button"
      className={css.person}
      onClick={onChoose}
      data-testid="choose-profile"
      data-profile={profile.id}
    >
      <span className={css.personName}>{profile.display}</span>
      <span className={css.address}>{profile.server}</span>
    </button>
  );
}

/** A profile that can't be read keeps nobody else out, and is not passed over in silence. */
function Damaged({ folders }: { readonly folders: readonly string[] }) {
  return (
    <div className={css.problem} role="status" data-testid="damaged-profiles">
      <p>
        <strong>
          {folders.length === 1
            ? t('A profile is damaged.')
            : t('{count} profiles are damaged.', { count: folders.length })}
        </strong>{' '}
        {t('The others open as ever. Nothing was deleted. Give IT the code below.')}
      </p>
      {folders.map((folder) => (
        <p key={folder} className="wl-code">
          {t('Code: profile-damaged {folder}', { folder })}
        </p>
      ))}
    </div>
  );
}
