import type { Contract, ErrorCode } from '../../preload/contract/index.ts';
import type { Files } from '../access/files.ts';
import type { Attaching, Picked } from './attaching.ts';
import type { DocumentKeys } from './keys/keys.ts';
import type { Answer, DocumentsProcess } from './types.ts';

type Calls = Contract['documents']['calls'];

export interface ScansOptions {
  readonly files: Pick<Files, 'mayAttach'>;
  readonly keys: Pick<DocumentKeys, 'ready'>;
  readonly process: Pick<DocumentsProcess, 'scanners' | 'scan' | 'cancel' | 'drop' | 'progress'>;
  readonly attaching: Pick<Attaching, 'offer'>;
  /** Pages can be scanned here, as policy, system and what is installed have it. */
  readonly mayScan: boolean;
  readonly newId: () => string;
  /** From 0 to 100. */
  readonly onProgress: (percent: number) => void;
  readonly after: (ms: number, callback: () => void) => () => void;
}

/** Pages that are scanned with a scanner of the workstation, one at a time, each for one patient. */
export interface Scans {
  readonly mayScan: boolean;
  /** The scanners that can be reached now, by ids that hold until the next list. */
  list(): Promise<{ id: string; name: string }[]>;
  /** Scans a page to what can be attached to this patient. */
  scan(patientId: string, scannerId: string): Promise<Answer<Picked, ErrorCode<Calls['scan']>>>;
  cancel(): Promise<void>;
}

const PROGRESS_MS = 300;

export function createScans(options: ScansOptions): Scans {
  const { files, keys, process, attaching, mayScan, newId, onProgress, after } = options;
  let devices = new Map<string, string>();
  let running: string | null = null;

  /** Scans into the memory of the documents process, and tells how far that is. */
  async function hold(held: string, device: string) {
    let stop: () => void = () => undefined;
    const tell = async () => {
      const progress = await process.progress({ task: held }).catch(() => null);
      if (running !== held) return;
      if (progress) onProgress(progress.done);
      stop = after(PROGRESS_MS, () => void tell());
    };
    running = held;
    void tell();
    try {
      return await process.scan({ task: held, held, device });
    } finally {
      stop();
      running = null;
    }
  }

  return {
    mayScan,

    async list() {
      if (!mayScan) return [];
      const found = await process.scanners();
      devices = new Map(found.map(({ device }) => [newId(), device]));
      return [...devices.keys()].map((id, at) => ({ id, name: found[at]?.name ?? '' }));
    },

    async scan(patientId, scannerId) {
      if (!mayScan) return failed('scan-refused');
      if (!(await files.mayAttach(patientId))) return failed('not-permitted');
      const ready = await keys.ready();
      if (!ready.ok) return ready;
      const device = devices.get(scannerId);
      if (device === undefined) return failed('not-found');
      if (running !== null) return failed('scanner-busy');
      const held = newId();
      const scanned = await hold(held, device);
      if (scanned.ok) {
        const { size } = scanned.value;
        return attaching.offer(patientId, { held, size, name: 'Scanned page', kinds: ['image'] });
      }
      await process.drop({ held });
      return scanned;
    },

    async cancel() {
      if (running !== null) await process.cancel({ task: running });
    },
  };
}

function failed<Code extends string>(code: Code): Answer<never, Code> {
  return { ok: false, error: { code } };
}
