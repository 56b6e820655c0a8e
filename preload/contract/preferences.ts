import * as z from 'zod';
import { call } from './channel.ts';
import { nothing, text } from './fhir.ts';
import { LANGUAGES } from './languages.ts';

export const theme = z.enum(['system', 'light', 'dark']);
export type Theme = z.infer<typeof theme>;

/** What a person chose: a language, or the operating system's where the page speaks it. */
export const languageChoice = z.enum(['system', ...LANGUAGES]);
export type LanguageChoice = z.infer<typeof languageChoice>;

export const preferences = {
  calls: {
    /** The version of the program and the runtime, for the foot of the page and for support. */
    about: call(
      nothing,
      z.strictObject({
        version: text,
        electron: text,
        chromium: text,
        developmentRuntime: z.boolean(),
        /** Another program may read and steer this one: the page says so on every screen. */
        remoteDebugging: z.boolean(),
      }),
    ),
    theme: call(nothing, theme),
    setTheme: call(z.strictObject({ theme }), nothing),
    language: call(nothing, languageChoice),
    /** Loads the page anew, in that language; what is open in it has to be kept before. */
    setLanguage: call(z.strictObject({ language: languageChoice }), nothing),
  },
  events: {},
} as const;
