import { isLosslessNumber } from 'lossless-json';
import { type Content, isObject, type JsonObject } from './elements.ts';

const DEPTH_MAX = 8;

/** A field as a person reads it, as plain text; `path` tells what is base64. */
export function fieldText({ value }: Content, path: string): string {
  if (typeof value === 'string' && /(^|\.)data$/.test(path)) return Buffer.from(value, 'base64').toString();
  return words(value, 0);
}

function words(value: unknown, depth: number): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (isLosslessNumber(value)) return value.value;
  if (depth > DEPTH_MAX) return '…';
  if (Array.isArray(value)) return joined(value.map((one) => words(one, depth + 1)));
  return isObject(value) ? (short(value) ?? parts(value, depth)) : '';
}

function joined(texts: readonly string[]): string {
  return texts.filter((one) => one !== '').join(', ');
}

/** Quantities and concepts (R4 datatypes.html) in a few words; undefined for what is neither. */
function short({ value, unit, code, comparator, text, coding, display, data }: JsonObject): string | undefined {
  if (isLosslessNumber(value)) return joined([`${comparator ?? ''}${value.value} ${unit ?? code ?? ''}`.trim()]);
  if (typeof data === 'string') return Buffer.from(data, 'base64').toString();
  if (typeof text === 'string') return text;
  if (Array.isArray(coding)) return joined(coding.map((one) => words(one, DEPTH_MAX)));
  return typeof display === 'string' ? display : typeof code === 'string' ? code : undefined;
}

function parts(value: JsonObject, depth: number): string {
  return Object.entries(value)
    .filter(([name]) => name !== 'id' && name !== 'extension' && !name.startsWith('_'))
    .map(([name, member]) => [name, words(member, depth + 1)] as const)
    .flatMap(([name, text]) => (text === '' ? [] : [`${name}: ${text}`]))
    .join('; ');
}
