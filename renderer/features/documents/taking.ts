import { useState } from 'react';
import type { Response } from '../../../preload/contract/index.ts';
import { bridge, codeOf } from '../../app/bridge.ts';

export type Picked = NonNullable<
  Response<typeof import('../../../preload/contract/documents.ts')['documents']['calls']['pick']>
>;

/** Where a file that is attached comes from. */
export type Origin = 'file' | 'camera' | 'scanner';

/** What has come of the operating system's dialog, the camera or the scanner: nothing yet, a file, or why it is not taken. */
export type Taking =
  | { readonly kind: 'none' | 'asking' | 'scanning' }
  | { readonly kind: 'aiming'; readonly captureId: string }
  | { readonly kind: 'picked'; readonly file: Picked; readonly from: Origin }
  | { readonly kind: 'refused'; readonly code: string; readonly from: Origin };

interface Taker {
  readonly taking: Taking;
  /** Lets the operating system ask for a file. */
  pick(): void;
  /** Lets a photo be taken. */
  photograph(): void;
  /** The photo was sent to main. */
  taken(): void;
  /** Lets a page be scanned. */
  scan(): void;
  scanned(page: Picked): void;
  /** Nothing more is wanted of it. */
  forget(): void;
  /** It is in the chart. */
  done(): void;
}

const broken = () => ({ ok: false as const, error: { code: 'internal' } });

/** Gets files, photos and scanned pages of a patient, one at a time. The page never sees what is in them. */
export function useTaking(patientId: string): Taker {
  const [taking, setTaking] = useState<Taking>({ kind: 'none' });
  const refuse = (from: Origin, code: string) => setTaking({ kind: 'refused', code, from });

  async function pick(): Promise<void> {
    if (taking.kind === 'asking') return;
    setTaking({ kind: 'asking' });
    const answer = await bridge().documents.pick({ patientId }).catch(broken);
    if (!answer.ok) refuse('file', answer.error.code);
    // Whoever closes the dialog has changed her mind.
    else setTaking(answer.value ? { kind: 'picked', file: answer.value, from: 'file' } : { kind: 'none' });
  }

  async function photograph(): Promise<void> {
    if (taking.kind === 'asking') return;
    setTaking({ kind: 'asking' });
    const answer = await bridge().documents.beginPhoto({ patientId }).catch(broken);
    if (answer.ok) setTaking({ kind: 'aiming', captureId: answer.value.captureId });
    else refuse('camera', answer.error.code);
  }

  async function taken(): Promise<void> {
    if (taking.kind !== 'aiming') return;
    const { captureId } = taking;
    setTaking({ kind: 'asking' });
    const answer = await bridge().documents.photoTaken({ patientId, captureId }).catch(broken);
    if (answer.ok) setTaking({ kind: 'picked', file: answer.value, from: 'camera' });
    else refuse('camera', answer.error.code);
  }

  function forget(): void {
    if (taking.kind === 'aiming') void codeOf(bridge().documents.endPhoto({ captureId: taking.captureId }));
    if (taking.kind === 'picked') void codeOf(bridge().documents.forget({ pickId: taking.file.pickId }));
    setTaking({ kind: 'none' });
  }

  return {
    taking,
    pick: () => void pick(),
    photograph: () => void photograph(),
    taken: () => void taken(),
    scan: () => setTaking({ kind: 'scanning' }),
    scanned: (page) => setTaking({ kind: 'picked', file: page, from: 'scanner' }),
    forget,
    done: () => setTaking({ kind: 'none' }),
  };
}
