import type { Failure, Result } from '../../preload/contract/channel.ts';
import type { LaunchState } from '../../preload/contract/launch.ts';
import type { SignInError } from '../../preload/contract/session.ts';
import { type LaunchLink, type LaunchLinkOptions, parseLaunchLink } from './launch-link.ts';

/** Wardlight launched by an EHR, by a link that the operating system hands over. */
export interface Launch {
  state(): LaunchState;
  /** A link has come, from the second start of the program or from the OS. Nothing follows before a person agrees. */
  open(link: string): Promise<void>;
  accept(): Promise<void>;
  dismiss(): void;
}

export interface LaunchOptions extends LaunchLinkOptions {
  /** Who has Wardlight open; null while nobody has. */
  openFor: () => string | null;
  signIn: (
    server: string,
    launch: string,
  ) => Promise<{ ok: true } | { ok: false; error: Failure<SignInError | 'other-clinician'> }>;
  cancelSignIn: () => void;
  switchToLaunched: () => Promise<void>;
  /** A durable record of a link that was not followed, before it is shown. `host` is no more than the link's own word. */
  recordRefusal: (host: string | null) => Promise<void>;
  onState: (state: LaunchState) => void;
}

const none: LaunchState = { phase: 'none' };

export function createLaunch(options: LaunchOptions): Launch {
  const { openFor, onState } = options;
  let state: LaunchState = none;
  /** The only place in which the link's parameters are kept, until they are used or given up. */
  let link: LaunchLink | null = null;

  function enter(next: LaunchState): void {
    state = next;
    onState(next);
  }

  async function signIn({ server, host, launch }: LaunchLink): Promise<void> {
    enter({ phase: 'signing-in', host });
    const signedIn = await options.signIn(server, launch);
    // Given up meanwhile.
    if (state.phase !== 'signing-in') return;
    if (signedIn.ok || signedIn.error.code === 'sign-in-cancelled') return enter(none);
    const { code, detail } = signedIn.error;
    if (code !== 'other-clinician') return enter({ phase: 'failed', host, code });
    enter({ phase: 'other-clinician', host, openFor: openFor() ?? '', display: detail ?? '' });
  }

  return {
    state: () => state,
    async open(text) {
      // One at a time: a link that comes while another is being followed takes nothing over.
      if (state.phase === 'signing-in' || state.phase === 'other-clinician') return;
      const parsed: Result<LaunchLink, never> | ReturnType<typeof parseLaunchLink> = parseLaunchLink(text, options);
      if (!parsed.ok) {
        link = null;
        const host = 'host' in parsed ? parsed.host : null;
        await options.recordRefusal(host);
        return enter({ phase: 'refused', code: parsed.error.code, host });
      }
      link = parsed.value;
      const { host, server } = link;
      enter({ phase: 'asked', host, server, openFor: openFor() });
    },
    async accept() {
      if (state.phase === 'other-clinician') {
        enter(none);
        return options.switchToLaunched();
      }
      const asked = link;
      link = null;
      if (state.phase === 'asked' && asked) await signIn(asked);
    },
    dismiss() {
      link = null;
      const was = state.phase;
      enter(none);
      if (was === 'signing-in' || was === 'other-clinician') options.cancelSignIn();
    },
  };
}
