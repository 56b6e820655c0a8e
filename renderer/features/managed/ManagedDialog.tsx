import { useQuery } from '@tanstack/react-query';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { recordOptions } from '../../app/queries.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { LANGUAGE, t } from '../../words/t.ts';
import { UpdateLines } from '../updates/UpdateLines.tsx';
import css from './managed.module.css';
import { problemWords, sourceWords } from './managedWords.ts';
import { useManaged } from './useManaged.ts';

/** What the organisation has decided for this workstation, and what holds where it has decided nothing. */
export default function ManagedDialog({ onClose }: { readonly onClose: () => void }) {
  const managed = useManaged();
  return (
    <Dialog title={t('Settings of your organisation')} onClose={onClose} roomy testId="managed-dialog">
      {managed && <p className="wl-muted">{sourceWords(managed.source)}</p>}
      <UpdateLines />
      {managed && managed.problems.length > 0 && (
        <ul className={css.problems} data-testid="managed-problems">
          {managed.problems.map((problem) => (
            <li key={`${problem.code} ${problem.key}`}>
              {problem.key && <span className="wl-code">{problem.key}</span>} {problemWords(problem, managed)}{' '}
              <span className="wl-code">{problem.code}</span>
            </li>
          ))}
        </ul>
      )}
      <Settings key={managed?.problems.length} />
      <DialogFoot>
        <Button kind="main" autoFocus onClick={onClose}>
          {t('Close')}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

function Settings() {
  const { data, error, refetch } = useQuery({
    queryKey: ['managed'],
    queryFn: () => unwrap(bridge().managed.settings({ language: LANGUAGE })),
    ...recordOptions,
  });
  if (error) return <ErrorState code={failureCode(error)} onRetry={() => void refetch()} />;
  if (!data) return <div className={css.scroll} aria-busy="true" />;
  const decidedFirst = data.toSorted((a, b) => Number(b.isManaged) - Number(a.isManaged));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section className={css.scroll} tabIndex={0} aria-label={t('Settings')}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t('Setting')}</th>
            <th scope="col">{t('Value')}</th>
            <th scope="col">{t('Set by')}</th>
          </tr>
        </thead>
        <tbody>
          {decidedFirst.map(({ key, text, value, isManaged }) => (
            <tr key={key} data-testid="managed-row">
              <th scope="row">
                <span className="wl-code">{key}</span>
                <span className={css.text}>{text}</span>
              </th>
              <td className={css.value}>
                <span title={value}>{value === 'null' ? t('not set') : value}</span>
              </td>
              <td>{isManaged ? t('your organisation') : t('Wardlight')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
