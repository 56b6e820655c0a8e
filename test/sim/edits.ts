import type { Edit } from './ledger.ts';
import { at, type Step } from './plan.ts';
import type { Random } from './random.ts';
import { type Field, fields, mark, markersOf, newRecord, recordTypes } from './records.ts';
import { practitionerOf } from './server-data.ts';
import { baseOf, shownRecords } from './shown.ts';
import type { Workstation } from './workstation.ts';
import type { World } from './world.ts';

type Draft = Omit<Edit, 'changeId' | 'state'> & {
  readonly patient: string;
  readonly body: string | null;
  readonly versionId: string | null;
};

/** The clinician's own deed: durable when the outbox answers, uncertain where the workstation dies in it. */
function edit(world: World, station: Workstation, draft: Draft): void {
  const { patient, body, versionId, ...rest } = draft;
  const action = rest.what === 'create' || rest.what === 'delete' ? rest.what : 'update';
  const added = station.attempt(() =>
    station.outbox.add({
      patientId: patient,
      type: rest.type,
      resourceId: rest.id,
      action,
      baseVersionId: versionId,
      body,
      title: rest.marker,
      author: practitionerOf(station.client),
      changedAt: new Date(station.now()).toISOString(),
    }),
  );
  const said = added === 'died' ? 'died' : added.ok ? added.value.changeId : added.error.code;
  world.note(`client ${station.client}: ${rest.what} ${rest.type}/${rest.id} ${rest.marker}: ${said}`);
  if (added === 'died') world.ledger.add({ ...rest, changeId: null });
  else if (added.ok) world.ledger.add({ ...rest, changeId: added.value.changeId });
}

const empty = { a: null, b: null };

export function create(world: World, station: Workstation, step: Step & { do: 'create' }, draw: Random): void {
  const patient = at(station.read.panel(), step.patient);
  const type = at(recordTypes, step.type)!;
  if (patient === undefined) return;
  const id = draw.uuid();
  const marker = world.ledger.marker(station.client);
  const body = newRecord(type, id, patient, marker, step.valid);
  edit(world, station, {
    marker,
    client: station.client,
    type,
    id,
    what: 'create',
    saw: empty,
    base: null,
    patient,
    body,
    versionId: null,
  });
}

export function update(world: World, station: Workstation, step: Step & { do: 'update' }): void {
  const record = at(shownRecords(station), step.which);
  if (!record) return;
  const { type, id, versionId, body, patient } = record;
  const field: Field = at(fields, step.field)!;
  const marker = world.ledger.marker(station.client);
  edit(world, station, {
    marker,
    client: station.client,
    type,
    id,
    what: field,
    saw: markersOf(type, body),
    base: baseOf(body),
    patient,
    body: mark(type, body, field, marker),
    versionId,
  });
}

export function remove(world: World, station: Workstation, step: Step & { do: 'delete' }): void {
  const record = at(shownRecords(station), step.which);
  if (!record) return;
  const { type, id, versionId, body, patient } = record;
  edit(world, station, {
    marker: world.ledger.marker(station.client),
    client: station.client,
    type,
    id,
    what: 'delete',
    saw: markersOf(type, body),
    base: baseOf(body),
    patient,
    body: null,
    versionId,
  });
}
