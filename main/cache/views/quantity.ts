import { digits, field, text } from '../json.ts';

/** A FHIR Quantity with its value as the server wrote it. */
export interface Quantity {
  readonly comparator: string;
  readonly value: string;
  readonly unit: string | null;
  /** What tells whether two values may stand on one line (design rule 10): the unit's text, and its code where it differs. */
  readonly unitKey: string;
  /** The unit's code where it is one of UCUM. */
  readonly ucum: string | null;
}

const UCUM = 'http://unitsofmeasure.org';

/** Reads a Quantity of a resource that was read by `parseExact`; undefined where it has no number. */
export function quantityOf(quantity: unknown): Quantity | undefined {
  const value = digits(quantity, 'value');
  if (value === undefined) return undefined;
  const comparator = text(quantity, 'comparator') ?? '';
  const code = text(quantity, 'code');
  const unit = text(quantity, 'unit') ?? code ?? null;
  return {
    comparator: ['<', '<=', '>=', '>', 'ad'].includes(comparator) ? comparator : '',
    value,
    unit,
    unitKey: code !== undefined && code !== unit ? `${unit} [${code}]` : (unit ?? ''),
    ucum: code !== undefined && text(quantity, 'system') === UCUM ? code : null,
  };
}

/** Value with its comparator and unit, for texts. */
export function quantityText(quantity: unknown): string | undefined {
  const found = quantityOf(quantity);
  if (!found) return undefined;
  return `${found.comparator}${found.value}${found.unit ? ` ${found.unit}` : ''}`;
}

/** Limits of a FHIR Range as a text, `3.5–5.0 mmol/L`. */
export function rangeText(range: unknown): string | undefined {
  const [low, high] = [quantityOf(field(range, 'low')), quantityOf(field(range, 'high'))];
  if (low && high && low.unitKey === high.unitKey) {
    return `${low.value}–${high.value}${low.unit ? ` ${low.unit}` : ''}`;
  }
  if (low && high) return `${quantityText(field(range, 'low'))} – ${quantityText(field(range, 'high'))}`;
  if (low) return `≥ ${quantityText(field(range, 'low'))}`;
  return high ? `≤ ${quantityText(field(range, 'high'))}` : undefined;
}
