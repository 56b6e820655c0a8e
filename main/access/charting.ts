import type { Result } from '../../preload/contract/channel.ts';
import type { SuggestKind } from '../../preload/contract/clinical.ts';
import type { DraftType } from '../../preload/contract/drafts.ts';
import type { Contract, ErrorCode, Request, Response } from '../../preload/contract/index.ts';
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
type About = Pick<Write<string>, 'activity' | 'reason' | 'began'> & { readonly type: string; readonly view: string };

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
  { write, record: tell }: Writer,
  forms: Pick<Forms, 'complete'>,
): Plain {
  /** A new record; a form's draft of it goes with it. */
  async function record<Code extends string = never>(
    patientId: string,
    { type, view, ...about }: About & { readonly form?: DraftType },
    make: (writing: Writing) => Result<Written, Code> | Written,
  ): Promise<Result<{ id: string }, Code | WriteError>> {
    const { form, ...rest } = about;
    const recorded = await write<Code>({
      ...rest,
      ...{ action: 'create', type, view, patientId, base: null },
      ...(form && { draft: { patientId, resourceType: form, resourceId: null } }),
      make(writing) {
        const made = make(writing);
        return 'ok' in made ? made : { ok: true, value: made };
      },
    });
    return recorded.ok ? { ok: true, value: { id: recorded.value } } : { ok: false, error: newError(recorded.error) };
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

  return {
    async recordAllergy({ patientId, ...given }) {
      const about = { type: 'AllergyIntolerance', view: view('recordAllergy') } as const;
      const recorded = await record(patientId, { ...about, form: about.type }, (writing) =>
        composer.newAllergy(given, writing),
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
      const told = await tell({ action: 'read', patientId, ...(await access.groundsOf(patientId)), view: about.view });
      return told.ok ? recorded : told;
    },

    refuteAllergy: ({ reason, ...shown }) =>
      change(shown, { type: 'AllergyIntolerance', view: view('refuteAllergy'), reason }, (base, writing) =>
        composer.refutedAllergy({ ...base, reason }, writing),
      ),

    recordProblem: ({ patientId, ...given }) =>
      record(patientId, { type: 'Condition', form: 'Condition', view: view('recordProblem') }, (writing) =>
        composer.newProblem(given, writing),
      ),

    changeProblem: ({ change: what, end, reason, ...shown }) =>
      change(shown, { type: 'Condition', view: view('changeProblem'), reason }, (base, writing) =>
        composer.changedProblem({ ...base, change: what, end, reason }, writing),
      ),

    recordMedication: ({ patientId, ...given }) =>
      record(
        patientId,
        { type: 'MedicationStatement', form: 'MedicationStatement', view: view('recordMedication') },
        (w) => composer.newMedication(given, w),
      ),

    stopMedication: ({ reason, end, ...shown }) =>
      change(shown, { type: 'MedicationStatement', view: view('stopMedication'), reason }, (base, writing) =>
        composer.stoppedMedication({ ...base, reason, end }, writing),
      ),

    recordTask: ({ patientId, ...given }) =>
      record(patientId, { type: 'Task', form: 'Task', view: view('recordTask') }, (writing) =>
        composer.newTask(given, writing),
      ),

    changeTask: ({ status, reason, ...shown }) =>
      change(shown, { type: 'Task', view: view('changeTask'), reason }, (base, writing) =>
        composer.changedTask({ ...base, status, reason }, writing),
      ),

    recordImmunization: ({ patientId, ...given }) =>
      record(
        patientId,
        { type: 'Immunization', form: 'Immunization', view: view('recordImmunization'), reason: given.notDone },
        (writing) => composer.newImmunization(given, writing),
      ),

    async recordForm({ patientId, formId: id, ...filled }) {
      const form = 'QuestionnaireResponse';
      // Nothing of it is told before it is decided that it may be written.
      const completed = await forms.complete({ patientId, id, ...filled });
      const began = completed.ok ? { began: completed.value.openedAt } : {};
      return record(patientId, { type: form, form, view: view('recordForm'), ...began }, (writing) => {
        if (!completed.ok) return completed;
        const { questionnaire, items } = completed.value;
        // Where a form has no address of its own, it is the one at the server.
        const url = questionnaire.url ?? `${server.replace(/\/$/, '')}/Questionnaire/${id}`;
        return { ok: true, value: composer.newAnswers({ questionnaire: { ...questionnaire, url }, items }, writing) };
      });
    },

    checkIn: ({ status, ...shown }) =>
      change(shown, { type: 'Appointment', view: view('checkIn') }, (base, writing) =>
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

    markEnteredInError: ({ type, reason, ...shown }) =>
      change(
        shown,
        { type, view: view('markEnteredInError'), reason, activity: 'nullify' },
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
