import { IconRefreshAlert } from '@tabler/icons-react';
import type { SyncStatus } from '../../preload/contract/sync.ts';
import { isOffline } from '../features/sync/syncWords.ts';
import { t } from '../words/t.ts';
import css from './frame.module.css';

/** The records were lost and come from the server again: told until they have all come. */
export function RebuiltBanner({ status }: { readonly status: SyncStatus }) {
  return (
    <section className={css.signIn} role="status" aria-label={t('Records are rebuilt')} data-testid="rebuilt-banner">
      <IconRefreshAlert size={18} aria-hidden />
      <p>
        <strong>{t('The records on this workstation were damaged or missing.')}</strong>{' '}
        {t('{how} Your unsent work is safe.', {
          how: isOffline(status)
            ? t('They can’t be rebuilt until the server is reachable: use another way to read charts until then.')
            : t('They are being rebuilt from the server.'),
        })}
      </p>
    </section>
  );
}
