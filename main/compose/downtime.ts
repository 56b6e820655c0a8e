import { join } from 'node:path';
import type { Labels } from '../access/labels.ts';
import type { Sheets } from '../access/sheets.ts';
import { diskErrorOf } from '../documents/errors.ts';
import { createSealedFile, openKept } from '../documents/opened/sealed-file.ts';
import { createPendingFile } from '../documents/pending-file.ts';
import { createDowntime, type Downtime } from '../downtime/downtime.ts';
import { createMaking } from '../downtime/making.ts';
import { createNumbering } from '../downtime/numbering.ts';
import { createSchedule } from '../downtime/schedule.ts';
import { createBinderStore } from '../downtime/store.ts';
import type { Profile } from '../identity/profiles.ts';
import type { Handlers } from '../ipc/bind.ts';
import { makePrivateFolder } from '../vault/durable.ts';
import type { Around } from './around.ts';

export interface DowntimeParts {
  readonly profile: Profile;
  readonly sheets: Sheets;
  readonly labels: Labels;
  /** True while policy lets visits and specimens be registered here. */
  readonly isOpen: () => boolean;
  /** By which binders are encrypted (`binderKey`). */
  readonly key: Uint8Array;
}

/** Downtime binders of the profile that is open. */
export interface OpenDowntime extends Pick<Downtime, 'content' | 'isShowing' | 'close'> {
  readonly handlers: Handlers['downtime'];
  /** A run of sync has ended well. */
  synced(): void;
}

export function composeDowntime(around: Around, { profile, sheets, labels, isOpen, key }: DowntimeParts): OpenDowntime {
  const { emit, log, now, newId, after, fileDialogs, language, paper, numbers } = around;
  const policy = around.policy.downtime;
  const mayPrint = () => around.policy.output.print;
  const store = createBinderStore({
    folder: join(profile.folder, 'downtime'),
    profileId: profile.id,
    key,
    files: { create: (path, own) => createSealedFile(path, own, undefined, true), open: openKept },
    makeFolder: makePrivateFolder,
  });
  const { host } = new URL(profile.server);
  const downtime = createDowntime({
    sheets,
    make: createMaking({ sheets, paper, policy, host, display: profile.display, language, now, newId }),
    store,
    paper,
    policy,
    mayPrint,
    now,
    newId,
    onState: (state) => emit('downtime', 'changed', state),
    askWhere: fileDialogs.save,
    async saveFile(path, bytes) {
      const file = await createPendingFile(path);
      try {
        await file.write(bytes);
        await file.commit(true);
      } catch (error) {
        await file.discard();
        throw error;
      }
    },
    diskErrorOf,
  });
  const schedule = createSchedule({
    policy,
    now,
    lastMade: downtime.lastMade,
    make: () => downtime.makeList().catch(() => log.warn('downtime.failed', {})),
    after,
  });
  const ready = downtime.open().catch(() => log.warn('downtime.failed', {}));
  void ready.then(() => schedule.start());
  const { handlers } = downtime;
  const numbering = createNumbering({
    language,
    ...{ numbers, labels, paper, mayPrint, isOpen, now },
    policy: policy.numbers,
    paperSize: policy.paper,
    display: profile.display,
  });

  return {
    handlers: {
      ...handlers,
      ...numbering,
      state: (request) => ready.then(() => handlers.state(request)),
      open: (request) => ready.then(() => handlers.open(request)),
      make: (request) => ready.then(() => handlers.make(request)),
    },
    content: downtime.content,
    isShowing: downtime.isShowing,
    synced: () => void ready.then(() => schedule.synced()),
    async close() {
      schedule.stop();
      await ready;
      await downtime.close();
    },
  };
}
