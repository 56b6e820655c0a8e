import { useEffect, useRef, useState } from 'react';
import type { FormState, OpenForm } from '../../../preload/contract/forms.ts';
import { bridge } from '../../app/bridge.ts';
import { answersOf, type TypedAnswers } from './answers.ts';

/** The form as main says it is, for what was typed. */
export interface Shown {
  readonly answers: Readonly<Record<string, string>>;
  readonly state: FormState;
}

interface Following {
  readonly state: FormState;
  /** Why it can't be worked out just now. */
  readonly failure: string | null;
  /** The state for all that was typed, once it is there; null where it can't be had. */
  readonly settled: () => Promise<Shown | null>;
}

/** Asks main for the form anew whenever something was typed: once at a time, and always for the newest answers. */
export function useFormState(patientId: string, form: OpenForm, typed: TypedAnswers): Following {
  const [state, setState] = useState(form.state);
  const [failure, setFailure] = useState<string | null>(null);
  const newest = useRef(typed);
  const running = useRef<Promise<Shown | null> | null>(null);
  newest.current = typed;

  async function follow(): Promise<Shown | null> {
    for (;;) {
      const asked = newest.current;
      const answers = answersOf(form.items, asked);
      const answer = await bridge()
        .forms.evaluate({ patientId, id: form.id, answers })
        .catch(() => ({ ok: false as const, error: { code: 'internal' } }));
      if (newest.current !== asked) continue;
      running.current = null;
      setFailure(answer.ok ? null : answer.error.code);
      if (!answer.ok) return null;
      setState(answer.value);
      return { answers, state: answer.value };
    }
  }
  function ask(): Promise<Shown | null> {
    running.current ??= follow();
    return running.current;
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for what is typed, by whatever is drawn
  useEffect(() => void ask(), [typed]);
  return { state, failure, settled: ask };
}
