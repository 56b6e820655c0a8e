import type { Contract, ErrorCode } from '../../preload/contract/index.ts';
import type { Files } from '../access/files.ts';
import type { DocumentsPolicy } from '../managed/documents.ts';
import type { CameraUse } from '../shell/camera-use.ts';
import type { Attaching, Picked } from './attaching.ts';
import type { DocumentKeys } from './keys/keys.ts';
import type { Answer, DocumentsProcess } from './types.ts';

type Calls = Contract['documents']['calls'];

export interface PhotosOptions {
  readonly files: Pick<Files, 'mayAttach'>;
  readonly keys: Pick<DocumentKeys, 'ready'>;
  readonly process: Pick<DocumentsProcess, 'hold' | 'drop'>;
  readonly attaching: Pick<Attaching, 'offer'>;
  readonly policy: Pick<DocumentsPolicy, 'camera' | 'kinds'>;
  /** Unguessable. */
  readonly newId: () => string;
}

/** Photos that are taken with the workstation's camera, one at a time, each for one patient. */
export interface Photos extends CameraUse {
  /** Makes the address to which one photo of this patient can be sent, and lets the camera be used until it came. */
  begin(patientId: string): Promise<Answer<{ captureId: string }, ErrorCode<Calls['beginPhoto']>>>;
  /** Takes the photo that came over to what can be attached to this patient. */
  taken(patientId: string, captureId: string): Promise<Answer<Picked, ErrorCode<Calls['photoTaken']>>>;
  /** Ends the use of the camera, and drops what it gave. */
  end(captureId: string): Promise<void>;
  /** The same, whatever is under way. */
  close(): Promise<void>;
}

interface Capture {
  readonly id: string;
  readonly patientId: string;
  /** Its bytes are on their way, are held, or were too many. */
  photo: 'none' | 'coming' | 'held' | 'too-large';
  size: number;
}

export function mayPhotograph({ camera, kinds }: Pick<DocumentsPolicy, 'camera' | 'kinds'>): boolean {
  return camera && kinds.includes('image');
}

export function createPhotos(options: PhotosOptions): Photos {
  const { files, keys, process, attaching, policy, newId } = options;
  let current: Capture | null = null;

  async function close(): Promise<void> {
    const ended = current;
    current = null;
    if (ended?.photo === 'held') await process.drop({ held: ended.id });
  }

  return {
    isTaking: () => current?.photo === 'none',

    async begin(patientId) {
      if (!mayPhotograph(policy)) return failed('camera-refused');
      if (!(await files.mayAttach(patientId))) return failed('not-permitted');
      const ready = await keys.ready();
      if (!ready.ok) return ready;
      await close();
      current = { id: newId(), patientId, photo: 'none', size: 0 };
      return { ok: true, value: { captureId: current.id } };
    },

    async receive(address, bytes) {
      const mine = current;
      if (mine?.id !== address || mine.photo !== 'none') return false;
      // From here on the address is used up, and the camera is nobody's any more.
      mine.photo = 'coming';
      mine.size = bytes.length;
      const isHeld = await process.hold({ held: mine.id, bytes });
      bytes.fill(0);
      mine.photo = isHeld ? 'held' : 'too-large';
      if (current === mine) return isHeld;
      // Ended meanwhile.
      await process.drop({ held: mine.id });
      return false;
    },

    async taken(patientId, captureId) {
      const mine = current;
      if (mine?.id !== captureId || mine.patientId !== patientId) return failed('not-found');
      if (mine.photo === 'none' || mine.photo === 'coming') return failed('not-found');
      current = null;
      if (mine.photo === 'too-large') return failed('file-too-large');
      return attaching.offer(patientId, { held: mine.id, size: mine.size, name: 'Photo', kinds: ['image'] });
    },

    async end(captureId) {
      if (current?.id === captureId) await close();
    },

    close,
  };
}

function failed<Code extends string>(code: Code): Answer<never, Code> {
  return { ok: false, error: { code } };
}
