import { type Parameter, rowsOf } from '../table.ts';
import { SearchError } from './request.ts';
import { isIdentifier } from './tokens.ts';

/** Modifiers that each kind takes, besides `:missing`. */
export const modifiers = {
  token: ['not', 'text', 'in', 'not-in'],
  identifier: ['not'],
  string: ['exact', 'contains'],
  reference: ['identifier'],
  uri: ['below', 'above'],
} as const;

/** Modifiers of a parameter; a reference also takes the name of a type. */
export function modifiersOf(parameter: Parameter): readonly string[] {
  if (parameter.kind === 'token') {
    return isIdentifier(rowsOf(parameter)) ? modifiers.identifier : modifiers.token;
  }
  const { kind } = parameter;
  return kind === 'string' || kind === 'reference' || kind === 'uri' ? modifiers[kind] : [];
}

/** Refuses a modifier that the parameter does not take. */
export function checkModifier(parameter: Parameter, modifier: string): void {
  if (modifier === '' || modifiersOf(parameter).includes(modifier)) return;
  if (
    parameter.kind === 'reference' &&
    (parameter.targets.length === 0 ? /^[A-Z]\w+$/.test(modifier) : parameter.targets.includes(modifier))
  )
    return;
  throw new SearchError('unsupported-modifier', parameter.code);
}
