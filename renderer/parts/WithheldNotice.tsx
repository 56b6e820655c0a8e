import { IconLock } from '@tabler/icons-react';
import type { Withheld } from '../../preload/contract/chart.ts';
import { t } from '../words/t.ts';
import { Button } from './Button.tsx';
import css from './parts.module.css';
import { useOpenWithheld } from './withheld.ts';
import { withheldWords } from './withheldWords.ts';

/** In a section that doesn't show all that there is: that it doesn't, and how the rest is opened. */
export function WithheldNotice({ withheld, about }: { readonly withheld: Withheld; readonly about: string }) {
  const open = useOpenWithheld();
  const words = withheldWords(withheld);
  const { restricted } = withheld;
  if (words === null) return null;
  return (
    <div className={css.withheld} data-testid="withheld" data-restricted={restricted ?? 'no'}>
      <IconLock size={16} aria-hidden />
      <p>{words}</p>
      {open && restricted && (
        <Button
          size="tiny"
          onClick={() => open(restricted)}
          data-testid="open-withheld"
          aria-label={t('Open: {about}', { about })}
        >
          {restricted === 'purpose' ? t('Open…') : t('Emergency access…')}
        </Button>
      )}
    </div>
  );
}
