import { ActionIcon, Kbd, TextInput } from '@mantine/core';
import {
  IconKey,
  IconKeyboard,
  IconLanguage,
  IconLock,
  IconMoon,
  IconSearch,
  IconSun,
  IconUsers,
} from '@tabler/icons-react';
import type { KeyboardEvent, ReactNode, Ref } from 'react';
import type { Language } from '../../preload/contract/languages.ts';
import { LANGUAGE_NAMES, OTHER_LANGUAGES } from '../words/languages.ts';
import { t } from '../words/t.ts';
import css from './frame.module.css';
import { useThemeChoice } from './themeContext.ts';

interface Props {
  readonly searchRef: Ref<HTMLInputElement>;
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly onEnterList: () => void;
  readonly onHelp: () => void;
  readonly onSecurity: () => void;
  readonly onLock: () => void;
  readonly onSwitch: () => void;
  readonly onLanguage: (language: Language) => void;
  /** The sync strip. */
  readonly children: ReactNode;
}

/** The slim bar on top of every unlocked screen. */
export function Header(props: Props) {
  const { searchRef, query, onQuery, onEnterList, onHelp, onSecurity, onLock, onSwitch, onLanguage, children } = props;
  // From the field, the arrow goes into the list; what Enter opens is decided there, where the patient is marked.
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault();
      onEnterList();
    }
    if (event.key !== 'Escape') return;
    if (query === '') event.currentTarget.blur();
    else onQuery('');
  };
  return (
    <header className={css.header}>
      <span className={css.brand}>{t('Wardlight')}</span>
      <search className={css.search}>
        <TextInput
          ref={searchRef}
          size="xs"
          aria-label={t('Find a patient by name, number or location')}
          placeholder={t('Find a patient')}
          leftSection={<IconSearch size={15} aria-hidden />}
          rightSection={<Kbd size="xs">/</Kbd>}
          value={query}
          maxLength={200}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => onQuery(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          data-testid="patient-search"
        />
      </search>
      {children}
      <div className={css.tools}>
        {OTHER_LANGUAGES.map((language) => (
          <ActionIcon
            key={language}
            lang={language}
            onClick={() => onLanguage(language)}
            aria-label={LANGUAGE_NAMES[language]}
            title={LANGUAGE_NAMES[language]}
            data-testid={`speak-${language}`}
          >
            <IconLanguage size={18} aria-hidden />
          </ActionIcon>
        ))}
        <ThemeToggle />
        <ActionIcon onClick={onHelp} aria-label={t('Keyboard shortcuts')} title={t('Keyboard shortcuts (?)')}>
          <IconKeyboard size={18} aria-hidden />
        </ActionIcon>
        <ActionIcon
          onClick={onSecurity}
          aria-label={t('Passphrase and keys')}
          title={t('Passphrase and keys')}
          data-testid="security-button"
        >
          <IconKey size={18} aria-hidden />
        </ActionIcon>
        <ActionIcon
          onClick={onSwitch}
          aria-label={t('Switch clinician')}
          title={t('Switch clinician (Ctrl+U)')}
          data-testid="switch-button"
        >
          <IconUsers size={18} aria-hidden />
        </ActionIcon>
        <ActionIcon onClick={onLock} aria-label={t('Lock')} title={t('Lock (Ctrl+L)')} data-testid="lock-button">
          <IconLock size={18} aria-hidden />
        </ActionIcon>
      </div>
    </header>
  );
}

const THEMES = { light: t('Use the light theme'), dark: t('Use the dark theme') } as const;

function ThemeToggle() {
  const { scheme, choose } = useThemeChoice();
  const next = scheme === 'dark' ? 'light' : 'dark';
  return (
    <ActionIcon onClick={() => choose(next)} aria-label={THEMES[next]} title={THEMES[next]} data-testid="theme-toggle">
      {scheme === 'dark' ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
    </ActionIcon>
  );
}
