import type { Field, Form, Typed } from './formTypes.ts';

/** What stands in a form, a line for each field that says something. */
export function typedWords(form: Form, typed: Typed): string {
  return form
    .fields(typed)
    .flatMap((field) => {
      const words = fieldWords(field, typed);
      return words === '' ? [] : [`${field.label}: ${words}`];
    })
    .join('\n');
}

function fieldWords(field: Field, typed: Typed): string {
  const value = typed[field.name] ?? '';
  if (field.kind === 'more') return '';
  if (field.kind === 'checks') {
    const checked = field.options.filter(([option]) => typed[`${field.name}.${option}`] === 'yes');
    return checked.map(([, words]) => words).join(', ');
  }
  if (field.kind === 'choice')
    return value === '' ? '' : (field.options.find(([option]) => option === value)?.[1] ?? '');
  return value;
}
