import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react';
import css from './combo.module.css';
import fields from './fields.module.css';
import { moveIndex } from './moveIndex.ts';

/** One of the things to choose from. */
export interface Choice {
  readonly id: string;
  /** Choices that follow one another under the same head. */
  readonly group: string;
  readonly shown: ReactNode;
  readonly choose: () => void;
}

interface Props {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly choices: readonly Choice[];
  /** Told when it changes: how much there is to choose from. */
  readonly status: string;
  readonly busy: boolean;
  readonly testId: string;
  /** Below the field, and what stands where there is nothing to choose from. */
  readonly children?: ReactNode;
}

const PAGE = 8;

/** A field with a list of what is chosen from, by keys from the field itself (ARIA combobox with a listbox). */
export function ComboList(props: Props) {
  const { label, placeholder, value, onValue, choices, status, busy, testId, children } = props;
  const id = useId();
  const [active, setActive] = useState<string | null>(null);
  const index = Math.max(
    0,
    choices.findIndex((one) => one.id === active),
  );
  const optionId = (at: number) => `${id}-${at}`;

  useEffect(() => {
    document.getElementById(`${id}-${index}`)?.scrollIntoView?.({ block: 'nearest' });
  }, [id, index]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.nativeEvent.isComposing) return;
    // Home and End belong to the text.
    const next = ['Home', 'End'].includes(event.key) ? null : moveIndex(event.key, index, choices.length, PAGE);
    const isEnter = event.key === 'Enter' && !event.repeat;
    if (next !== null) setActive(choices[next]?.id ?? null);
    else if (isEnter && !busy) choices[index]?.choose();
    else if (event.key !== 'Enter') return;
    event.preventDefault();
  };

  return (
    <div className={css.combo} data-testid={testId}>
      <input
        className={fields.input}
        role="combobox"
        aria-label={label}
        aria-expanded={choices.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={choices.length > 0 ? optionId(index) : undefined}
        placeholder={placeholder}
        value={value}
        maxLength={200}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setActive(null);
          onValue(event.currentTarget.value);
        }}
        onKeyDown={onKeyDown}
        data-first-focus
        data-testid={`${testId}-field`}
      />
      <p className={css.status} role="status" data-testid={`${testId}-status`}>
        {status}
      </p>
      {children}
      <div id={`${id}-list`} className={css.list} role="listbox" aria-label={label} aria-busy={busy}>
        {groupsOf(choices).map(({ group, from, items }) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no group of options
          <div key={`${group} ${from}`} role="group" aria-label={group}>
            <div className={css.group} aria-hidden>
              {group}
            </div>
            {items.map((choice, at) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys of its options
              // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus and names its active option
              <div
                key={choice.id}
                id={optionId(from + at)}
                className={css.option}
                role="option"
                aria-selected={from + at === index}
                onMouseDown={(event) => event.preventDefault()}
                onClick={choice.choose}
                data-testid={`${testId}-option`}
                data-id={choice.id}
              >
                {choice.shown}
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

interface Group {
  readonly group: string;
  readonly from: number;
  readonly items: Choice[];
}

function groupsOf(choices: readonly Choice[]): readonly Group[] {
  const groups: Group[] = [];
  choices.forEach((choice, at) => {
    const last = groups.at(-1);
    if (last?.group === choice.group) last.items.push(choice);
    else groups.push({ group: choice.group, from: at, items: [choice] });
  });
  return groups;
}
