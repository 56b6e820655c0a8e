import * as z from 'zod';
import { call } from './channel.ts';
import { nothing, text } from './fhir.ts';

export const theme = z.enum(['system', 'light', 'dark']);
export type Theme = z.infer<typeof theme>;

export const preferences = {
  calls: {
    /** The version of the program and the runtime, for the foot of the page and for support. */
    about: call(
      nothing,
      z.strictObject({ version: text, electron: text, chromium: text, developmentRuntime: z.boolean() }),
    ),
    theme: call(nothing, theme),
    setTheme: call(z.strictObject({ theme }), nothing),
  },
  events: {},
} as const;
