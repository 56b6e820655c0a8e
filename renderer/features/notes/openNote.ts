/** What the right side of the notes shows; null before anything was chosen. */
export type OpenNote =
  | { readonly kind: 'read'; readonly id: string }
  | { readonly kind: 'amend'; readonly id: string }
  | { readonly kind: 'new' }
  /** In sections. */
  | { readonly kind: 'new-soap' }
  | null;
