import { useQuery } from '@tanstack/react-query';
import type { Contract, Response } from '../../../preload/contract/index.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { recordOptions } from '../../app/queries.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { t } from '../../words/t.ts';
import css from './support.module.css';

type About = Response<Contract['preferences']['calls']['about']>;

/** Which program this is, of what it is made, and under which licences. */
export default function NoticesDialog({ onClose }: { readonly onClose: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['notices'],
    queryFn: async () => ({ about: await unwrap(bridge().preferences.about({})), notices: await allNotices() }),
    ...recordOptions,
  });
  return (
    <Dialog title={t('Versions and licences')} onClose={onClose} wide={Boolean(data?.notices)} testId="notices-dialog">
      <p className={css.versions} data-testid="versions">
        {data && versionWords(data.about)}
      </p>
      {error && <ErrorState code={failureCode(error)} onRetry={() => void refetch()} />}
      {data?.notices === null && (
        <p data-testid="notices-missing">
          {t(
            'This program runs from its sources. In an installed one, the licences of all its parts stand here, and in the file THIRD-PARTY-NOTICES.txt in its folder; those of Chromium in LICENSES.chromium.html beside it.',
          )}
        </p>
      )}
      {data?.notices !== null && !error && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        <section className={css.notices} tabIndex={0} aria-label={t('Licences')} aria-busy={!data}>
          <pre lang="en">{data?.notices}</pre>
        </section>
      )}
      <DialogFoot>
        <Button kind="main" autoFocus onClick={onClose}>
          {t('Close')}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

/** All pieces; null where there are none. */
async function allNotices(): Promise<string | null> {
  const pieces: string[] = [];
  for (;;) {
    const piece = await unwrap(bridge().support.notices({ piece: pieces.length }));
    if (piece.missing) return null;
    pieces.push(piece.text);
    if (!piece.more) return pieces.join('');
  }
}

function versionWords({ version, electron, chromium, developmentRuntime }: About): string {
  const parts = [
    t('Wardlight {version}', { version }),
    t('Electron {electron}', { electron }),
    t('Chromium {chromium}', { chromium }),
    developmentRuntime ? t('development runtime') : null,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
