import { IconFile, IconFileText, IconFileTypePdf, IconPhoto, IconScan } from '@tabler/icons-react';
import type { DocumentItem } from '../../../preload/contract/documents.ts';
import { Button } from '../../parts/Button.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import { UnsentBadge } from '../../parts/UnsentBadge.tsx';
import { t } from '../../words/t.ts';
import css from './documents.module.css';
import { canTry, FILE_WORDS, formatSize, OPEN_WORDS } from './documentWords.ts';

const ICONS = {
  image: IconPhoto,
  pdf: IconFileTypePdf,
  text: IconFileText,
  dicom: IconScan,
  other: IconFile,
} as const;

interface Props {
  readonly items: readonly DocumentItem[];
  readonly onOpen: (document: DocumentItem) => void;
}

/** The documents, newest first. One is opened by choice: every opening is recorded. */
export function DocumentList({ items, onOpen }: Props) {
  return (
    <ul className={css.list} data-testid="document-list">
      {items.map((item) => (
        <DocumentRow key={item.id} document={item} onOpen={() => onOpen(item)} />
      ))}
    </ul>
  );
}

function DocumentRow({ document, onOpen }: { readonly document: DocumentItem; readonly onOpen: () => void }) {
  const { id, title, kind, size, date, author, status, openability, unsent } = document;
  const Icon = ICONS[kind ?? 'other'];
  const why = OPEN_WORDS[openability];
  const sub = [
    formatDateTime(date),
    author,
    FILE_WORDS[kind ?? 'other'],
    size === null ? null : formatSize(size),
    status === 'entered-in-error' ? t('Entered in error') : null,
  ];
  return (
    <li className={css.row} data-testid="document-row" data-document-id={id} data-openability={openability}>
      <Icon size={22} stroke={1.5} aria-hidden className={css.icon} />
      <div className={css.what}>
        <span className={css.title}>
          {title} <UnsentBadge unsent={unsent} />
        </span>
        <span className={css.sub}>{sub.filter(Boolean).join(' · ')}</span>
        {why && (
          <span className={css.why} data-bad={!canTry(openability) || undefined}>
            {why}
          </span>
        )}
      </div>
      {canTry(openability) && (
        <Button onClick={onOpen} aria-label={t('Open: {title}', { title })} data-testid="document-open">
          {t('Open')}
        </Button>
      )}
    </li>
  );
}
