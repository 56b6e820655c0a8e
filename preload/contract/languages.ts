/** The languages that the page speaks, English first. Without a schema: the first script of the page reads this. */
export const LANGUAGES = ['en', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];
