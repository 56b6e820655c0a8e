import type { Forms } from '../../main/access/forms.ts';
import type { FormsClient } from '../../main/forms/client.ts';
import { createFormsService } from '../../main/forms/service.ts';

/** What the forms process does, in this one. */
export function formsHere(): FormsClient {
  const service = createFormsService();
  return {
    queries: async (source) => service.queries(source),
    open: async (source) => service.open(source),
    evaluate: async (request) => service.evaluate(request),
    complete: async (request) => service.complete(request),
    restore: async (request) => service.restore(request),
    end: async () => undefined,
  };
}

/** A form without questions, filled in, whatever is asked. */
export const emptyForm: Pick<Forms, 'complete' | 'restore'> = {
  restore: async () => null,
  complete: async () => ({
    ok: true,
    value: {
      questionnaire: { url: null, version: null, title: 'Form' },
      items: '[]',
      digest: '',
      complete: true,
      openedAt: '2026-03-01T10:00:00Z',
    },
  }),
};
