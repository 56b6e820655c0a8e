import { FormError } from './failure.ts';
import { OPTIONS_MAX } from './limits.ts';
import { extensionsOf, extensionValue, type SourceItem, type ValueSet, valueMember } from './source.ts';
import { type Unit, type Value, valueIn } from './values.ts';

/** One of the answers from which is chosen. */
export interface Option {
  readonly key: string;
  readonly value: Value;
  /** No other is chosen beside it. */
  readonly exclusive: boolean;
  readonly selected: boolean;
}

/** The answers to choose from; null where their list is elsewhere, and can't be had here. */
export function optionsOf(item: SourceItem, contained: readonly ValueSet[]): readonly Option[] | null {
  const { answerOption, answerValueSet } = item;
  const found = answerValueSet === undefined ? fromOptions(answerOption) : fromValueSet(answerValueSet, contained);
  if (found && found.length > OPTIONS_MAX) throw new FormError('form-too-large');
  return found?.map((option, index) => ({ ...option, key: String(index) })) ?? null;
}

type Unnamed = Omit<Option, 'key'>;

function fromOptions(answerOption: SourceItem['answerOption']): Unnamed[] {
  return answerOption.map((option) => {
    const [type = '', raw] = valueMember(option) ?? [];
    const read = valueIn(type, raw);
    if (read === null) throw new FormError('form-malformed');
    const value = read.type === 'Coding' ? scored(read, extensionsOf(option, 'ordinal')) : read;
    return {
      value,
      exclusive: extensionValue(option, 'optionExclusive') === true,
      selected: option.initialSelected,
    };
  });
}

type Coded = Extract<Value, { type: 'Coding' }>;

/** The scores of a code, and nothing else that stands on it: they are worked with, and recorded. */
function scored({ value }: Coded, beside: readonly { url: string }[]): Coded {
  const extension = [...extensionsOf(value, 'ordinal'), ...extensionsOf(value, 'weight'), ...beside].flatMap((one) => {
    const score = Number(valueMember(one)?.[1] ?? Number.NaN);
    return Number.isFinite(score) ? [{ url: one.url, valueDecimal: score }] : [];
  });
  return { type: 'Coding', value: { ...value, extension: extension.slice(0, 1) } };
}

/** Of a ValueSet within the form that says its codes itself. */
function fromValueSet(address: string, contained: readonly ValueSet[]): Unnamed[] | null {
  const set = contained.find(({ resourceType, id }) => resourceType === 'ValueSet' && `#${id}` === address);
  const codes = set && codesOf(set);
  if (!codes || codes.length === 0) return null;
  return codes.map((code) => {
    const { system, code: bare, display, extension } = code;
    const value = { ...(system && { system }), ...(bare && { code: bare }), ...(display && { display }), extension };
    return { value: scored({ type: 'Coding', value }, []), exclusive: false, selected: false };
  });
}

type Concept = NonNullable<ValueSet['expansion']>['contains'][number];

function codesOf({ expansion, compose }: ValueSet): readonly Concept[] | null {
  if (expansion) return expansion.contains.filter(({ code }) => code !== undefined);
  if (!compose || compose.exclude.length > 0) return null;
  // A whole code system, or a part of one by a filter, only a terminology server knows.
  if (compose.include.some(({ concept, filter }) => concept === undefined || filter !== undefined)) return null;
  return compose.include.flatMap(({ system, concept = [] }) =>
    concept.map((one) => ({ ...(system && { system }), ...one })),
  );
}

/** The units of a quantity, the first of which it is where nothing else is chosen. */
export function unitsOf(item: SourceItem): readonly Unit[] {
  const holders = [...extensionsOf(item, 'unit'), ...extensionsOf(item, 'unitOption')];
  return holders.flatMap((holder) => {
    const coding = valueIn('Coding', valueMember(holder)?.[1]);
    if (coding?.type !== 'Coding') return [];
    const { system, code, display } = coding.value;
    return [{ words: display ?? code ?? '', ...(system && { system }), ...(code && { code }) }];
  });
}
