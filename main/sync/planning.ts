import { isDeepStrictEqual } from 'node:util';
import type { Cache } from '../cache/client.ts';
import type { Differences, Gaps, NewTask, SyncRun, SyncTask } from '../cache/operations.ts';
import type { Policy } from '../managed/policy.ts';
import { exportTasks } from './bulk.ts';
import { SWEEP_AT } from './fetch.ts';
import { isGranted } from './granted.ts';
import {
  CARE_TEAMS,
  differenceTasks,
  formTasks,
  historyTasks,
  panelTasks,
  patientsOf,
  REFERENCES,
  readTask,
  recordTasks,
  recordTypes,
  referencedTypes,
  referenceTasks,
  saysPanel,
  sharedSweepTasks,
  sharedTypes,
  sweepTasks,
  teamsTask,
  withoutLeavers,
} from './plan.ts';
import { type Failure, type RunOptions, type ServerFacts, stopped } from './run-options.ts';
import { serverReset } from './server.ts';
import { noteUntold, readUntold } from './untold.ts';
import { forgetsAny } from './witness.ts';

/** Where the cache keeps what the last complete run did not get. */
const GAPS = 'sync.gaps';
/** Where the cache keeps which records the last complete run asked for by their ids without getting them. */
const UNREAD = 'sync.unread';
/** Where the cache keeps of whom the last complete run failed to compare a type, once. */
const UNCOMPARED = 'sync.uncompared';
type Uncompared = Readonly<Record<string, readonly string[]>>;
/** A run that goes on later than this asks again whose patients these are. */
const PANEL_MAX_MS = 5 * 60_000;
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** So few records can all be deleted without anything being wrong. */
const MASS_MIN = 20;

type Planned = 'planned' | 'finished' | Failure;

/**
 * Begins a run where there is none to go on with, or one that was planned for other types; one that is older asks for its
 * panel anew.
 */
export async function beginRun(options: RunOptions, server: ServerFacts): Promise<void> {
  const { cache, practitioner, policy } = options;
  const { capabilities, serverTime, leftOut } = server;
  const run = await cache.read.run();
  const isFirst = run.phases.length === 0;
  const tasks = panelTasks({ practitioner, ...policy.panel }, capabilities);
  const isOther = !isDeepStrictEqual(await cache.read.leftOut(), leftOut);
  if (run.complete || isFirst || isOther) {
    if (!isFirst) {
      const gaps = await cache.read.gaps({ types: recordTypes });
      await cache.write.setMeta({ key: GAPS, value: JSON.stringify(gaps) });
      const unread = await cache.read.tasks({ kind: 'read', phase: 'check', state: 'incomplete' });
      // A plan that is given up need not have come to ask for what the one before it could not read.
      const urls = [...(run.complete ? [] : await readUnread(cache)), ...unread.map(({ url }) => url)];
      await cache.write.setMeta({ key: UNREAD, value: JSON.stringify([...new Set(urls)]) });
      await cache.write.setMeta({ key: UNCOMPARED, value: JSON.stringify(await failedToCompare(cache)) });
    }
    // What a plan that is given up would have found by comparing.
    if (isOther) await cache.write.setMeta({ key: SWEEP_AT, value: '' });
    await cache.write.startRun({ tasks });
  } else if (isPanelOld(run, serverTime) || (await isPanelRefused(cache, run))) {
    await cache.write.reopenRun({ tasks });
  }
}

async function readUncompared(cache: Cache): Promise<Uncompared> {
  return JSON.parse((await cache.read.getMeta({ key: UNCOMPARED })) || '{}') as Uncompared;
}

/** What a comparison failed at is compared once more with the next run; what fails then too, a day later. */
async function failedToCompare(cache: Cache): Promise<Uncompared> {
  const before = await readUncompared(cache);
  const failed = await cache.read.tasks({ kind: 'sweep', hasFailed: true });
  const types = [...new Set(failed.map(({ resourceType }) => resourceType))];
  const uncompared = types.map((type) => {
    const again = new Set(before[type]);
    const patients = patientsOf(failed.filter(({ resourceType }) => resourceType === type));
    return [type, [...patients].filter((id) => !again.has(id))];
  });
  return Object.fromEntries(uncompared);
}

function isPanelOld({ panelAt }: SyncRun, serverTime: string): boolean {
  return panelAt !== null && Date.parse(serverTime) - Date.parse(panelAt) > PANEL_MAX_MS;
}

/** A run that ended for it asks again, however soon: a person may have signed in with more rights meanwhile. */
async function isPanelRefused(cache: Cache, { planned }: SyncRun): Promise<boolean> {
  if (planned) return false;
  return (await cache.read.tasks({ phase: 'panel' })).some(({ state }) => state === 'refused');
}

/** Removes what machine policy leaves out of the cache, also what came since by a clinician's own changes. */
export async function leaveOut({ cache, onChanged }: RunOptions, { leftOut }: ServerFacts): Promise<void> {
  const isOther = !isDeepStrictEqual(await cache.read.leftOut(), leftOut);
  if (!isOther && leftOut.length === 0) return;
  let isChanged = isOther;
  for (let isWhole = false; !isWhole; ) {
    const left = await cache.write.leaveOut({ types: leftOut });
    isChanged ||= left.removed > 0;
    isWhole = left.isWhole;
  }
  if (isChanged) onChanged(await cache.read.panel());
}

/** Plans what follows from what was fetched; finishes the run when nothing does. */
export async function planNext(options: RunOptions, server: ServerFacts, run: SyncRun): Promise<Planned> {
  const { cache } = options;
  if (!run.planned) return planPanel(options, server, run);
  const references = await planReferences(options, server);
  const known = references.length > 0 ? references : await planReads(options, server);
  const more = known.length > 0 ? known : await planComparison(options, server, run);
  if (!Array.isArray(more)) return more;
  if (more.length > 0) {
    await cache.write.appendTasks({ tasks: more });
    return 'planned';
  }
  return finish(options, server, run);
}

/** Follows the clinician's roles, and the roles and care teams that no search has brought; then sets the panel. */
async function planPanel(options: RunOptions, server: ServerFacts, run: SyncRun): Promise<Planned> {
  const { cache, practitioner, policy } = options;
  const at = run.panelAt;
  // Not a single answer could be used, or whose patients these are is not for this clinician to know.
  if (at === null) return stopped('server-refused');
  const roles = await cache.read.practitionerRoles({ practitioner, at });
  const members = [practitioner, ...roles.map((id) => `PractitionerRole/${id}`)];
  if (await lacksSource(options, server, { members, at })) return stopped('server-refused');
  const doubted = await cache.read.unconfirmedRoles({ ids: roles });
  const teams = (await cache.read.tasks({ kind: 'teams' })).filter(isOfTeams);
  const ofRoles = members.length > 1 ? [teamsTask(members.slice(1))] : [];
  const unasked = ofRoles.filter(({ url }) => !teams.some((task) => task.url === url));
  const tasks =
    doubted.length > 0
      ? doubted.map((id) => readTask('PractitionerRole', id, { label: CARE_TEAMS, phase: 'panel' }))
      : unasked.length > 0
        ? unasked
        : await unconfirmedTeams(options, members);
  if (tasks.length > 0) {
    await cache.write.appendTasks({ tasks });
    return 'planned';
  }
  const reset = await wentBack(options, server, (await cache.read.differences()).items);
  if (reset) return reset;
  const named = [
    ...(policy.panel.group === null ? [] : [`Group/${policy.panel.group}`]),
    ...(policy.panel.list === null ? [] : [`List/${policy.panel.list}`]),
  ];
  const panel = await cache.read.panelPatients({ members: [...members, ...named], at });
  await planRecords(options, server, run, panel);
  return 'planned';
}

const isOfTeams = ({ resourceType }: SyncTask) => resourceType === 'CareTeam';

/**
 * Whether the server refused to say whose patients these are, in whole or in part: patients whom only such a source names
 * would leave the panel, and be purged. What the server doesn't have, or the sign-in never covered, and what has brought
 * nobody so far, is missed by nobody, as long as there is another source.
 */
async function lacksSource(
  { cache }: RunOptions,
  { capabilities }: ServerFacts,
  { members, at }: { members: readonly string[]; at: string },
): Promise<boolean> {
  const isRefused = ({ state }: SyncTask) => state === 'refused';
  const tasks = await cache.read.tasks({ phase: 'panel' });
  if (tasks.filter(saysPanel).every(isRefused)) return true;
  for (const task of tasks.filter(isRefused)) {
    const through = task.kind === 'teams' ? members : [task.url];
    const brought = await cache.read.panelPatients({ members: through, at });
    if (brought.length > 0 || (saysPanel(task) && capabilities.hasType(task.resourceType))) return true;
  }
  return false;
}

/** A team that the search doesn't name any longer may have changed or gone: only a read of it tells (design rule 3). */
async function unconfirmedTeams({ cache }: RunOptions, members: readonly string[]): Promise<NewTask[]> {
  const ids = await cache.read.unconfirmedTeams({ members });
  return ids.map((id) => readTask('CareTeam', id, { label: CARE_TEAMS, phase: 'panel' }));
}

async function planRecords(
  options: RunOptions,
  { capabilities, serverTime }: ServerFacts,
  run: SyncRun,
  panel: readonly string[],
): Promise<void> {
  const { cache, policy, onChanged, onArriving } = options;
  const { asOf } = run;
  const before = await cache.read.panel();
  const known = new Set(asOf === null ? [] : before);
  const gaps = JSON.parse((await cache.read.getMeta({ key: GAPS })) || '{}') as Gaps;
  const isBegun = run.phases.some(({ phase }) => phase !== 'panel');
  const begun = isBegun ? (await cache.read.tasks({})).filter(({ phase }) => phase !== 'panel') : [];
  const planned = patientsOf(begun);
  const added = panel.filter((id) => !planned.has(id));
  const { drop, tasks: again } = withoutLeavers(begun, new Set(panel));
  const plan = { panel: added, known, asOf, gaps, capabilities, at: serverTime };
  const isAdded = new Set(added);
  const returned = (await cache.read.leavers()).map(({ id }) => id).filter((id) => isAdded.has(id));
  const once =
    asOf === null || isBegun
      ? []
      : [
          ...historyTasks(asOf, await cache.read.types(), capabilities, (await readUntold(cache)).since),
          ...referenceTasks(await cache.read.sharedResources({ types: sharedTypes }), asOf),
        ];
  const formsSince = run.refetch || areFormsDue(options, run, serverTime) ? null : asOf;
  const forms = isBegun ? [] : formTasks(policy.forms.urls, formsSince, capabilities);
  const whole = added.filter((id) => !known.has(id));
  const inGroup = await groupMembers(options, run, whole);
  const exported = exportTasks({
    patients: inGroup,
    group: policy.panel.group,
    isWholeGroup: asOf === null && !isBegun,
    capabilities,
    bulk: options.bulk,
  });
  const { scopes } = options;
  const isAsked = (task: NewTask) => !scopes || isGranted(task, scopes);
  const ofAll = recordTasks(plan);
  // Of what is exported the sections of a type that isn't granted have nothing else to say so.
  const unasked = ofAll.filter((task) => !isAsked(task));
  const isExported = new Set(inGroup);
  const searched =
    exported.length === 0 ? ofAll : recordTasks({ ...plan, panel: added.filter((id) => !isExported.has(id)) });
  const [now, then] = [new Set(panel), new Set(before)];
  const arriving = panel.filter((id) => !then.has(id));
  if (arriving.length > 0) await onArriving?.(arriving);
  await cache.write.expandRun({
    panel,
    drop,
    tasks: [
      ...exported,
      ...searched.filter(isAsked),
      ...unasked,
      ...again,
      ...once,
      ...forms,
      // What was deleted while the patient was away is still here.
      ...sweepTasks(returned, capabilities),
    ],
  });
  if (isBegun || unasked.length > 0) await refuseUngranted(options, serverTime);
  onChanged([...arriving, ...before.filter((id) => !now.has(id))]);
}

/** Whether forms are to be asked for from the beginning: policy offers others, or not all came; if they can't, once a day. */
function areFormsDue({ policy }: RunOptions, { forms }: SyncRun, serverTime: string): boolean {
  if (forms === null || !isDeepStrictEqual(forms.urls, policy.forms.urls)) return true;
  return !forms.whole && isDue(forms.at, serverTime, policy);
}

/** Whether what is done once a day is to be done again. */
function isDue(at: string, serverTime: string, { sweepHours }: Policy): boolean {
  return Date.parse(serverTime) - Date.parse(at) >= sweepHours * HOUR_MS;
}

/** At once, not when their turn comes: a section that waits for nothing says so. */
async function refuseUngranted({ cache, scopes }: RunOptions, serverTime: string): Promise<void> {
  if (!scopes) return;
  for (const task of await cache.read.tasks({ kind: 'search', state: 'pending' })) {
    if (task.patients !== null && !isGranted(task, scopes)) await cache.write.refuseTask({ seq: task.seq, serverTime });
  }
}

/** Those of some patients whom the Group that policy names has as members. */
async function groupMembers(
  { cache, policy }: RunOptions,
  { panelAt }: SyncRun,
  patients: readonly string[],
): Promise<string[]> {
  if (policy.panel.group === null || panelAt === null) return [];
  const members = await cache.read.panelPatients({ members: [`Group/${policy.panel.group}`], at: panelAt });
  const isMeant = new Set(patients);
  return members.filter((id) => isMeant.has(id));
}

/** Searches in place of an export that the server doesn't offer to this client. */
export async function searchInstead({ cache }: RunOptions, server: ServerFacts, task: SyncTask): Promise<void> {
  const { capabilities, serverTime } = server;
  const tasks = recordTasks({
    panel: task.patients ?? [],
    known: new Set(),
    asOf: null,
    gaps: {},
    capabilities,
    at: serverTime,
  });
  await cache.write.appendTasks({ tasks, drop: [task.seq] });
}

/** Shared resources that the records refer to and that aren't here; a server may not have one, and is not asked twice. */
async function planReferences({ cache }: RunOptions, { capabilities }: ServerFacts): Promise<NewTask[]> {
  const asked = askedFor(await cache.read.tasks({ phase: 'references' }));
  const missing = await cache.read.missingReferences({ types: referencedTypes });
  const unasked = missing.filter(({ type, id }) => capabilities.hasType(type) && !asked.has(`${type}/${id}`));
  return referenceTasks(unasked);
}

function askedFor(tasks: readonly SyncTask[]): ReadonlySet<string> {
  const references = tasks.filter(({ label }) => label === REFERENCES);
  return new Set(
    references.flatMap(({ resourceType, url }) => {
      const ids = new URLSearchParams(url.slice(url.indexOf('?'))).get('_id')?.split(',') ?? [];
      return ids.map((id) => `${resourceType}/${id}`);
    }),
  );
}

/**
 * What could not be read by its id is missing here until it can: it is asked for in each run, not only once a day. So is
 * what no search has brought though a history tells of it: it may be filed on another patient by now.
 */
async function planReads({ cache }: RunOptions, { capabilities }: ServerFacts): Promise<NewTask[]> {
  const urls = new Set((await cache.read.outdated()).map(({ type, id }) => `${type}/${id}`));
  const panel = new Set(await cache.read.panel());
  for (const url of await readUnread(cache)) {
    // What is of somebody who has left goes with her.
    const patientId = (await cache.read.subject(itemOf(url)))?.patientId ?? null;
    if (patientId === null || panel.has(patientId)) urls.add(url);
  }
  const asked = new Set((await cache.read.tasks({ kind: 'read' })).map(({ url }) => url));
  const items = [...urls].filter((url) => !asked.has(url)).map(itemOf);
  return differenceTasks(items.filter(({ type }) => capabilities.hasType(type)));
}

async function readUnread(cache: Cache): Promise<string[]> {
  return JSON.parse((await cache.read.getMeta({ key: UNREAD })) || '[]') as string[];
}

function itemOf(url: string): { type: string; id: string } {
  const [type = '', id = ''] = url.split('/');
  return { type, id };
}

/**
 * Once a day all ids and versions are compared, and what differs is asked for by its id; those that the server failed at
 * once more with the next run. At once where a record may have slipped between two pages: its time is old, so that no
 * search for changes would ever bring it.
 */
async function planComparison(options: RunOptions, server: ServerFacts, run: SyncRun): Promise<NewTask[] | Failure> {
  const { cache, policy } = options;
  const { capabilities, serverTime } = server;
  const sweptAt = (await cache.read.getMeta({ key: SWEEP_AT })) || null;
  const isOld = sweptAt === null || isDue(sweptAt, serverTime, policy);
  // What is fetched whole for the first time needs no comparison; what is fetched anew after a reset does.
  const isDaily = run.refetch || run.moved || (run.asOf !== null && isOld);
  const sweeps = await cache.read.tasks({ kind: 'sweep' });
  if (isDaily) {
    const swept = patientsOf(sweeps);
    const hasShared = sweeps.some(({ patients }) => patients === null);
    const shared = hasShared ? [] : await cache.read.sharedResources({ types: sharedTypes });
    const unswept = (await cache.read.panel()).filter((id) => !swept.has(id));
    const tasks = [...sweepTasks(unswept, capabilities), ...sharedSweepTasks(shared)];
    if (tasks.length > 0) return tasks;
  }
  const again = await againTasks(cache, sweeps, capabilities);
  if (again.length > 0) return again;
  const { compared, items } = await cache.read.differences();
  const read = new Set((await cache.read.tasks({ kind: 'read' })).map(({ url }) => url));
  const fresh = items.filter(({ type, id }) => !read.has(`${type}/${id}`));
  if (fresh.length === 0) return [];
  const missing = fresh.filter(({ why }) => why === 'missing').length;
  const isMass = missing >= MASS_MIN && missing >= compared * policy.massShare;
  if (!run.refetch && isMass) return serverReset(cache, 'mass-disappearance');
  return (await wentBack(options, server, fresh)) ?? differenceTasks(fresh);
}

/** Comparisons that failed in the run before, of those who are still on the panel. */
async function againTasks(
  cache: Cache,
  sweeps: readonly SyncTask[],
  capabilities: ServerFacts['capabilities'],
): Promise<NewTask[]> {
  const panel = new Set(await cache.read.panel());
  return Object.entries(await readUncompared(cache)).flatMap(([type, patients]) => {
    const swept = patientsOf(sweeps.filter(({ resourceType }) => resourceType === type));
    const left = patients.filter((id) => panel.has(id) && !swept.has(id));
    return sweepTasks(left, capabilities).filter(({ resourceType }) => resourceType === type);
  });
}

/** A search may be late; only the record itself tells that the server has gone back to an older version. */
async function wentBack(
  options: RunOptions,
  server: ServerFacts,
  items: Differences['items'],
): Promise<Failure | null> {
  const older = items.filter(({ why }) => why === 'older');
  const isForgotten = older.length > 0 && (await forgetsAny(options, server, older));
  if (isForgotten === true) return serverReset(options.cache, 'older-version');
  return isForgotten === false ? null : isForgotten;
}

async function finish(options: RunOptions, { capabilities }: ServerFacts, run: SyncRun): Promise<Planned> {
  const { cache, onChanged } = options;
  const { startedAt } = run;
  if (startedAt === null) return stopped('server-refused');
  await noteUntold(cache, run);
  await cache.write.finishRun({ asOf: startedAt });
  const panel = await cache.read.panel();
  const sweeps = await cache.read.tasks({ kind: 'sweep' });
  const isSwept = recordTypes.filter(capabilities.canSearch).every((type) => {
    const swept = patientsOf(sweeps.filter(({ resourceType }) => resourceType === type));
    return panel.every((id) => swept.has(id));
  });
  if (run.asOf === null || isSwept) {
    await cache.write.setMeta({ key: SWEEP_AT, value: startedAt });
  }
  onChanged(panel);
  await purgeLeavers(options, startedAt);
  return 'finished';
}

/** Patients who left the panel longer ago than policy keeps them, by the server's clock; not while a change waits. */
async function purgeLeavers({ cache, policy }: RunOptions, serverTime: string): Promise<void> {
  const leavers = await cache.read.leavers();
  const limit = Date.parse(serverTime) - policy.retentionDays * DAY_MS;
  const due = leavers.filter(({ leftAt }) => Date.parse(leftAt) <= limit).map(({ id }) => id);
  if (due.length > 0) await cache.write.purgePatients({ patientIds: due });
}
