import type { Result } from '../../preload/contract/channel.ts';
import type { Rejected } from '../../preload/contract/charting.ts';
import type { SuggestKind } from '../../preload/contract/clinical.ts';
import type { DraftType } from '../../preload/contract/drafts.ts';
import type { Contract, ErrorCode, Request, Response } from '../../preload/contract/index.ts';
import type { ParkedChange } from '../cache/operations.ts';
import type { Writing, Written } from '../writing/resource.ts';
import type { Forms } from './forms.ts';
import { failed, type Write, type WriteError, type Writer, type WritesOptions } from './write.ts';

type Calls = Contract['charting']['calls'];
type Call<Name extends keyof Calls> = (
  request: Request<Calls[Name]>,
) => Promise<Result<Response<Calls[Name]>, ErrorCode<Calls[Name]>>>;

/** The page's way to write in the chart, beside notes and vital signs (writes.ts). */
export type Charting = { readonly [Name in keyof Calls]: Call<Name> };
/** What takes numbers of this workstation is apart (registering.ts). */
type Plain = Omit<Charting, 'startVisit' | 'labelSpecimen' | 'renumber'>;

type ChangeError = WriteError | 'not-found' | 'stale' | 'not-changeable';
interface Shown {
  readonly patientId: string;
  readonly id: string;
  readonly versionId: string;
}
type About = Pick<Write<string>, 'activity' | 'reason' | 'began' | 'corrects'> & {
  readonly type: string;
  readonly view: string;
};

/** Types that codings of a kind are taken from. */
const SUGGESTED: Readonly<Record<SuggestKind, readonly string[]>> = {
  allergy: ['AllergyIntolerance'],
  reaction: ['AllergyIntolerance'],
  problem: ['Condition'],
  medication: ['MedicationStatement', 'MedicationRequest'],
  vaccine: ['Immunization'],
};

export function createCharting(
  { access, cache, composer, server }: Pick<WritesOptions, 'access' | 'cache' | 'composer' | 'server'>,
  { write, decided, record: tell }: Writer,
  forms: Pick<Forms, 'complete' | 'restore'>,
): Plain {
  type New = About & { readonly form?: DraftType };
  type Make<Code extends string> = (writing: Writing) => Result<Written, Code> | Written;

  /** A new record; a form's draft of it goes with it. */
  async function kept<Code extends string>(patientId: string, { form, ...about }: New, make: Make<Code>) {
    const { corrects } = about;
    // A correction has a draft of its own, beside that of another new record.
    const rejected = corrects === undefined ? null : await cache.outbox.get({ id: corrects });
    return write<Code>({
      ...about,
      ...{ action: 'create', patientId, base: null },
      ...(form && { draft: { patientId, resourceType: form, resourceId: rejected?.resourceId ?? null } }),
      make(writing) {
        const made = make(writing);
        return 'ok' in made ? made : { ok: true, value: made };
      },
    });
  }

  async function record<Code extends string = never>(
    patientId: string,
    about: New,
    make: Make<Code>,
  ): Promise<Result<{ id: string }, Code | WriteError>> {
    const recorded = await kept(patientId, about, make);
    return recorded.ok ? { ok: true, value: { id: recorded.value } } : { ok: false, error: newError(recorded.error) };
  }

  /** As `record`; or in the place of one that the server has rejected. */
  async function recordOrCorrect<Code extends string = never>(
    patientId: string,
    about: New,
    make: Make<Code>,
  ): Promise<Result<{ id: string }, Code | WriteError | 'not-parked'>> {
    const recorded = await kept(patientId, about, make);
    if (recorded.ok) return { ok: true, value: { id: recorded.value } };
    const isGone = about.corrects !== undefined && recorded.error.code === 'stale';
    return isGone ? failed('not-parked') : { ok: false, error: newError(recorded.error) };
  }

  async function change<Code extends string>(
    { patientId, id, versionId }: Shown,
    about: About,
    make: (base: { resource: string; versionId: string }, writing: Writing) => Result<Written, Code>,
  ): Promise<Result<{ id: string }, Code | ChangeError>> {
    const changed = await write<Code>({
      ...about,
      ...{ action: 'update', patientId, base: { id, versionId } },
      make: (writing, resource) => make({ resource, versionId }, writing),
    });
    if (changed.ok) return { ok: true, value: { id: changed.value } };
    const { error } = changed;
    return error.code === 'not-writable'
      ? failed('not-changeable')
      : { ok: false, error: { ...error, code: error.code } };
  }

  /**
   * What says that there are none holds no longer: it would be shown again once the allergy is over. The allergy comes
   * first and stays, whatever becomes of this.
   */
  async function refuteAbsences(patientId: string, isOfDrug: boolean, about: About): Promise<void> {
    const reason = 'An allergy was recorded';
    for (const { drugsOnly, ...shown } of await cache.read.absenceStatements({ patientId })) {
      if (drugsOnly && !isOfDrug) continue;
      await change({ patientId, ...shown }, { ...about, reason }, (base, writing) =>
        composer.refutedAllergy({ ...base, reason }, writing),
      );
    }
  }

  /** What a rejected change says, as the form or dialog has it in which it was written; null where none has all of it. */
  async function rejectedOf({ change, base, mine, provenance }: ParkedChange): Promise<Rejected | null> {
    if (mine === null) return null;
    if (base !== null) {
      const done = composer.doneIn({ base, mine, provenance });
      return done && { kind: 'deed', ...done };
    }
    if (change.resourceType !== 'QuestionnaireResponse') return composer.givenIn(mine, change.patientId);
    const restored = await forms.restore({ patientId: change.patientId, response: mine, provenance });
    return restored && { kind: 'form', ...restored };
  }

  return {
    async parked({ patientId, type, id }) {
      const found = await cache.outbox.parked({ type, resourceId: id });
      const parked = found?.change.patientId === patientId ? found : null;
      const { [parked?.change.id ?? '']: subjects = [] } = parked
        ? await cache.outbox.subjects({ id: parked.change.id })
        : {};
      const asked = parked
        ? ({ action: parked.change.action, patientId, subjects } as const)
        : ({ action: 'read', patientId } as const);
      const decision = await decided(asked, 'update', view('parked'));
      if (!decision.allowed) return failed('not-permitted');
      const { grounds, basis } = decision;
      const told = await tell({
        action: 'read',
        patientId,
        view: view('parked'),
        resource: `${type}/${id}`,
        ...grounds,
        ...basis,
      });
      if (!told.ok) return told;
      if (!parked) return failed('not-found');
      const rejected = await rejectedOf(parked);
      if (!rejected) return failed('not-correctable');
      const { id: changeId, title, changedAt, problem } = parked.change;
      return {
        ok: true,
        value: { changeId, versionId: parked.baseVersionId ?? '', title, changedAt, problem, rejected },
      };
    },

    async recordAllergy({ patientId, corrects, ...given }) {
      const about = { type: 'AllergyIntolerance', view: view('recordAllergy') } as const;
      const recorded = await recordOrCorrect(
        patientId,
        { ...about, form: about.type, ...correcting(corrects) },
        (writing) => composer.newAllergy(given, writing),
      );
      if (recorded.ok) await refuteAbsences(patientId, given.category.includes('medication'), about);
      return recorded;
    },

    async recordNoKnownAllergies({ patientId }) {
      // Decided and recorded first: only who may write it is told that there are allergies.
      const standing = await cache.read.allergyStanding({ patientId });
      const about = { type: 'AllergyIntolerance', view: view('recordNoKnownAllergies') };
      const recorded = await record(patientId, about, (writing) => {
        if (standing?.active) return failed('allergies-recorded');
        if (!standing?.complete) return failed('allergies-unknown');
        return { ok: true, value: composer.noKnownAllergies(writing) };
      });
      // That there are some tells something of her.
      if (recorded.ok || recorded.error.code !== 'allergies-recorded') return recorded;
      const told = await tell({ action: 'read', patientId, ...(await access.toldOf(patientId)), view: about.view });
      return told.ok ? recorded : told;
    },

    refuteAllergy: ({ reason, corrects, ...shown }) =>
      change(
        shown,
        { type: 'AllergyIntolerance', view: view('refuteAllergy'), reason, ...correcting(corrects) },
        (base, writing) => composer.refutedAllergy({ ...base, reason }, writing),
      ),

    recordProblem: ({ patientId, corrects, ...given }) =>
      recordOrCorrect(
        patientId,
        { type: 'Condition', form: 'Condition', view: view('recordProblem'), ...correcting(corrects) },
        (writing) => composer.newProblem(given, writing),
      ),

    changeProblem: ({ change: what, end, reason, corrects, ...shown }) =>
      change(
        shown,
        { type: 'Condition', view: view('changeProblem'), reason, ...correcting(corrects) },
        (base, writing) => composer.changedProblem({ ...base, change: what, end, reason }, writing),
      ),

    recordMedication: ({ patientId, corrects, ...given }) =>
      recordOrCorrect(
        patientId,
        {
          type: 'MedicationStatement',
          form: 'MedicationStatement',
          view: view('recordMedication'),
          ...correcting(corrects),
        },
        (w) => composer.newMedication(given, w),
      ),

    stopMedication: ({ reason, end, corrects, ...shown }) =>
      change(
        shown,
        { type: 'MedicationStatement', view: view('stopMedication'), reason, ...correcting(corrects) },
        (base, writing) => composer.stoppedMedication({ ...base, reason, end }, writing),
      ),

    recordTask: ({ patientId, corrects, ...given }) =>
      recordOrCorrect(
        patientId,
        { type: 'Task', form: 'Task', view: view('recordTask'), ...correcting(corrects) },
        (writing) => composer.newTask(given, writing),
      ),

    changeTask: ({ status, reason, corrects, ...shown }) =>
      change(shown, { type: 'Task', view: view('changeTask'), reason, ...correcting(corrects) }, (base, writing) =>
        composer.changedTask({ ...base, status, reason }, writing),
      ),

    recordImmunization: ({ patientId, corrects, ...given }) =>
      recordOrCorrect(
        patientId,
        {
          ...{ type: 'Immunization', form: 'Immunization', view: view('recordImmunization'), reason: given.notDone },
          ...correcting(corrects),
        },
        (writing) => composer.newImmunization(given, writing),
      ),

    async recordForm({ patientId, formId: id, corrects, ...filled }) {
      const form = 'QuestionnaireResponse';
      // Nothing of it is told before it is decided that it may be written.
      const completed = await forms.complete({ patientId, id, ...filled });
      const began = completed.ok ? { began: completed.value.openedAt } : {};
      return recordOrCorrect(
        patientId,
        { type: form, form, view: view('recordForm'), ...began, ...correcting(corrects) },
        (writing) => {
          if (!completed.ok) return completed;
          const { questionnaire, items } = completed.value;
          // Where a form has no address of its own, it is the one at the server.
          const url = questionnaire.url ?? `${server.replace(/\/$/, '')}/Questionnaire/${id}`;
          return { ok: true, value: composer.newAnswers({ questionnaire: { ...questionnaire, url }, items }, writing) };
        },
      );
    },

    checkIn: ({ status, corrects, ...shown }) =>
      change(shown, { type: 'Appointment', view: view('checkIn'), ...correcting(corrects) }, (base, writing) =>
        composer.checkedIn({ ...base, status }, writing),
      ),

    recordNote: ({ patientId, ...given }) =>
      record(patientId, { type: 'DocumentReference', form: 'DocumentReference', view: view('recordNote') }, (writing) =>
        composer.newSoapNote(given, writing),
      ),

    signNote: (shown) =>
      change(shown, { type: 'DocumentReference', view: view('signNote') }, (base, writing) =>
        composer.signedNote(base, writing),
      ),

    async addNote({ patientId, noteId, body }) {
      const added = await write({
        action: 'create',
        type: 'DocumentReference',
        view: view('addNote'),
        patientId,
        base: null,
        about: noteId,
        draft: { patientId, resourceType: 'DocumentReference', resourceId: noteId },
        make: (writing, resource) => composer.addedNote({ resource, body }, writing),
      });
      if (added.ok) return { ok: true, value: { id: added.value } };
      const { error } = added;
      return error.code === 'not-writable'
        ? failed('not-changeable')
        : { ok: false, error: { ...error, code: error.code } };
    },

    markEnteredInError: ({ type, reason, corrects, ...shown }) =>
      change(
        shown,
        { type, view: view('markEnteredInError'), reason, activity: 'nullify', ...correcting(corrects) },
        (base, writing): Result<Written, 'not-found' | 'stale' | 'not-changeable' | 'not-sent'> =>
          composer.enteredInError(type, { ...base, reason }, writing),
      ),

    async suggest({ kind, query }) {
      const types = await access.readable(SUGGESTED[kind]);
      const items = types.length === 0 ? [] : await cache.read.suggestCodings({ kind, query, types });
      return { ok: true, value: { items } };
    },
  };
}

function correcting(corrects: string | undefined): { corrects?: string } {
  return corrects === undefined ? {} : { corrects };
}

function view(name: keyof Calls): string {
  return `charting.${name}`;
}

/** A new record has no base that could be missing or stale. */
export function newError<Code extends string>(error: {
  readonly code: Code | WriteError | 'not-found' | 'stale' | 'not-writable';
  readonly detail?: string;
}): { code: Code | WriteError; detail?: string } {
  const { code, ...rest } = error;
  const isStore = code === 'not-found' || code === 'stale' || code === 'not-writable';
  return { ...rest, code: isStore ? 'store-failed' : (code as Code | WriteError) };
}
