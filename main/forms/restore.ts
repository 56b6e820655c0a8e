import { parse } from 'lossless-json';
import type { FormAnswers } from '../../preload/contract/forms.ts';
import { typedOf } from './answers.ts';
import type { Definition, Item } from './definition.ts';
import { keyOf, rowsKey } from './nodes.ts';
import { valueMember } from './source.ts';
import { valueIn } from './values.ts';

interface Answered {
  readonly linkId?: unknown;
  readonly answer?: readonly (object & { readonly item?: readonly Answered[] })[];
  readonly item?: readonly Answered[];
}

/**
 * What was typed in a form, read back from the items of its QuestionnaireResponse as JSON; null where something in them can't
 * be typed here, or answers no question of the form.
 */
export function restored(definition: Definition, items: string): FormAnswers | null {
  const answers: Record<string, string> = {};
  const roots = definition.items.filter(({ parent }) => parent === null);
  return within(roots, parse(items) as Answered[], []) ? answers : null;

  function within(asked: readonly Item[], given: readonly Answered[], at: readonly number[]): boolean {
    const isAsked = given.every(({ linkId }) => asked.some(({ source }) => source.linkId === linkId));
    return (
      isAsked &&
      asked.every((item) =>
        one(
          item,
          given.filter(({ linkId }) => linkId === item.source.linkId),
          at,
        ),
      )
    );
  }

  function one(item: Item, given: readonly Answered[], at: readonly number[]): boolean {
    if (given.length === 0) return true;
    if (item.source.type === 'group')
      return rows(item, given, at, (row, place) => within(item.children, row.item ?? [], place));
    const [question, another] = given;
    if (!question || another) return false;
    const all = question.answer ?? [];
    if (all.length === 0) return within(item.children, question.item ?? [], item.rows ? [...at, 0] : at);
    const answersOf = item.rows ? all.map((answer) => [answer]) : [all];
    return rows(item, answersOf, at, (row, place) => {
      const values = row.map((answer) => valueIn(...(valueMember(answer) ?? ['', null])));
      const typed = typedOf(
        item,
        values.flatMap((value) => value ?? []),
      );
      if (typed === null || values.includes(null)) return false;
      for (const [mark, text] of Object.entries(typed)) if (text !== '') answers[mark + keyOf(place, item)] = text;
      return within(
        item.children,
        row.flatMap((answer) => answer.item ?? []),
        place,
      );
    });
  }

  /** Each row of an item that has any; of another one, the only one there may be. */
  function rows<Row>(
    item: Item,
    all: readonly Row[],
    at: readonly number[],
    each: (row: Row, place: readonly number[]) => boolean,
  ) {
    if (!item.rows) return all.length === 1 && each(all[0] as Row, at);
    if (all.length > 1) answers[rowsKey(at, item)] = String(all.length);
    return all.every((row, index) => each(row, [...at, index]));
  }
}
