import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalServer, type LocalServer } from '../server/local.ts';
import type { Snapshot, Version } from '../server/store/store.ts';
import type { Violation } from './checker.ts';
import { createLedger, type Ledger } from './ledger.ts';
import type { Mutant } from './mutants.ts';
import { createNetwork, type Network } from './network.ts';
import type { Plan } from './plan.ts';
import { random } from './random.ts';
import { recordTypes } from './records.ts';
import { fill } from './server-data.ts';
import { createTime, type Time } from './time.ts';
import { createWorkstation, type Workstation } from './workstation.ts';

/** Server time at which every simulation begins. */
const EPOCH = Date.parse('2031-03-04T05:06:07.000Z');
const TYPES = ['Patient', 'CareTeam', 'Practitioner', 'PractitionerRole', 'Group', 'List', ...recordTypes, 'Encounter'];

/** What a simulation consists of, and what is known of it so far. */
export interface World {
  readonly plan: Plan;
  readonly time: Time;
  readonly server: LocalServer;
  readonly network: Network;
  readonly stations: readonly Workstation[];
  readonly ledger: Ledger;
  readonly violations: Violation[];
  /** What happened, where it is kept. */
  readonly trace: readonly string[];
  readonly note: (line: string) => void;
  /** Type, id and version id of what restores made the server forget. */
  readonly gone: Set<string>;
  /** Markers that are gone with a restore. */
  readonly forgotten: Set<string>;
  /** Keys of the versions that each client made. */
  readonly own: readonly Set<string>[];
  /** Last run of each client that need not know yet that the server was restored; null: there is nothing to know. */
  readonly resetAfter: (number | null)[];
  backup: Snapshot | null;
  serverOffset: number;
  /** Whether the server ever went back in time, in its data or its clock. */
  wentBack: boolean;
  judged: number;
  others: number;
}

export interface WorldOptions {
  /** Where each workstation has a folder of its own. */
  readonly folder: string;
  readonly mutant: Mutant | undefined;
  readonly traced: boolean;
}

/** A server with the plan's data, and workstations that have not begun. */
export function createWorld(plan: Plan, { folder, mutant, traced }: WorldOptions): World {
  const trace: string[] = [];
  const time = createTime();
  const note = (line: string) => {
    if (traced) trace.push(`${(time.now() / 1000).toFixed(2).padStart(10)} s  ${line}`);
  };
  const ids = random(plan.seed, 'server');
  const clock = () => new Date(EPOCH + time.now() + (world?.serverOffset ?? 0));
  let world: World | undefined;
  const server = createLocalServer({ clock, dialect: { ...plan.dialect, types: TYPES }, newId: ids.uuid });
  fill(server, plan);
  const patchIgnoresIfMatch = plan.dialect.patchIfMatch === 'ignored';
  const network = createNetwork({ server, time, clock, trace: note, patchIgnoresIfMatch });
  const stations = Array.from({ length: plan.clients }, (_, client) => {
    const own = join(folder, String(client));
    mkdirSync(own);
    const rest = { server, network, time, plan, epoch: EPOCH, note, ...(mutant && { mutant }) };
    return createWorkstation({ client, folder: own, ...rest });
  });
  world = {
    plan,
    time,
    server,
    network,
    stations,
    ledger: createLedger(),
    violations: [],
    trace,
    note,
    gone: new Set(),
    forgotten: new Set(),
    own: stations.map(() => new Set()),
    resetAfter: stations.map(() => null),
    backup: null,
    serverOffset: 0,
    wentBack: false,
    judged: 0,
    others: 0,
  };
  return world;
}

/** As in `gone`. */
export const nameOf = ({ type, id, versionId }: Version) => `${type}/${id} ${versionId}`;
