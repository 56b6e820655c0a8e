import type { Language } from '../../preload/contract/languages.ts';
import type { SyncStatus } from '../../preload/contract/sync.ts';
import type { Numbers } from '../downtime/numbers/numbers.ts';
import type { Camera } from '../shell/camera-use.ts';
import type { FileDialogs } from '../shell/file-dialogs.ts';
import type { Paper } from '../shell/paper.ts';
import type { Screen } from '../shell/screen.ts';
import type { ViewerContent } from '../shell/viewer-content.ts';
import type { Leases } from '../vault/leases.ts';
import type { Session } from '../vault/session-options.ts';
import type { Base } from './base.ts';
import type { RecordParts } from './record.ts';
import type { Servers } from './servers.ts';

/** What a profile that is open works with, and what outlives it. */
export interface Around extends Base, RecordParts {
  readonly servers: Servers;
  readonly screen: Screen;
  readonly fileDialogs: FileDialogs;
  /** The language that is set for the workstation's pages. */
  readonly language: () => Promise<Language>;
  readonly paper: Paper;
  readonly viewerContent: ViewerContent;
  readonly camera: Camera;
  /** Identifiers that were reserved for this workstation; null for none. */
  readonly numbers: Numbers | null;
  /** A profile was opened, by a version of its cache's schema. */
  readonly onOpened: (profile: string, schema: number) => void;
  /** How the sync of a profile stands now. */
  readonly onSynced: (profile: string, status: SyncStatus) => void;
  /** These are made of each other. */
  readonly leases: () => Leases;
  readonly session: () => Session;
}
