import type { FormFailure } from '../../preload/contract/forms.ts';

/** Why a form can't be used as a whole. */
export class FormError extends Error {
  readonly code: FormFailure;

  constructor(code: FormFailure) {
    super(code);
    this.code = code;
  }
}
