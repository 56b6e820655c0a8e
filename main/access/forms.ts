import type { Provenance, QuestionnaireResponse } from 'fhir/r4';
import { parse, stringify } from 'lossless-json';
import type { Result } from '../../preload/contract/channel.ts';
import type { FormAnswers, FormFailure } from '../../preload/contract/forms.ts';
import type { Contract, ErrorCode, Request, Response } from '../../preload/contract/index.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/events/entry.ts';
import type { Cache } from '../cache/client.ts';
import type { SearchAnswer } from '../cache/search/query/search.ts';
import type { Sight } from '../cache/sight.ts';
import type { FormsClient } from '../forms/client.ts';
import type { FoundRecords } from '../forms/prefill.ts';
import type { FormSource, Completed as Worked } from '../forms/service.ts';
import type { Unknown } from '../forms/unknown.ts';
import type { Access, Decision } from './access.ts';
import { current, OUTDATED } from './current.ts';
import { sharedTypes } from './decisions.ts';

type Calls = Contract['forms']['calls'];
type Call<Name extends keyof Calls> = (
  request: Request<Calls[Name]>,
) => Promise<Result<Response<Calls[Name]>, ErrorCode<Calls[Name]>>>;

/** A form as it stands filled in, by what was shown of it. */
export interface Filled {
  readonly patientId: string;
  readonly id: string;
  readonly versionId: string;
  readonly answers: FormAnswers;
  /** Of the state that was shown. */
  readonly digest: string;
}
export type CompleteError = FormFailure | 'form-closed' | 'form-changed' | 'form-incomplete';

/** What is to be recorded of a form, and by which reading of the clock it was filled in. */
export type Completed = Worked & Pick<FormSource, 'openedAt'>;

/** The page's way to forms. One is opened as the patient's record is: decided and recorded first. */
export interface Forms {
  readonly list: Call<'list'>;
  readonly open: Call<'open'>;
  readonly evaluate: Call<'evaluate'>;
  /** What is to be recorded, if nothing in it is wrong and it is what was shown. */
  complete(filled: Filled): Promise<Result<Completed, CompleteError>>;
  /**
   * What was typed in a form, of its response; null where the form isn't here any more in that version, or the response can't
   * be typed in it. To be asked once it was decided that the response may be seen.
   */
  restore(asked: { patientId: string; response: string; provenance: string | null }): Promise<Restored | null>;
  close(): Promise<void>;
}

export interface Restored {
  readonly formId: string;
  readonly formVersion: string;
  readonly answers: FormAnswers;
  /** The reading by which it was filled in; where it isn't known, when it was recorded. */
  readonly openedAt: string;
}

export interface FormsOptions {
  readonly access: Pick<Access, 'decide'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly cache: Pick<Cache, 'read'>;
  readonly process: FormsClient;
  /** Addresses of the forms that policy offers; null for all. */
  readonly urls: readonly string[] | null;
  /** `Practitioner/<id>`. */
  readonly practitioner: string;
  readonly server: string;
  readonly now: () => number;
  /** The workstation's clock: an instant with its offset. */
  readonly readClock: () => string;
}

/** A form that stands open, with what of the patient it was filled in by. */
interface Opened {
  readonly source: FormSource;
  readonly versionId: string;
  readonly holds: () => boolean;
}

/** A form that is gone back to after others is opened anew. */
const OPEN_MAX = 4;
const TRIES_MAX = 5;
const TYPE = 'QuestionnaireResponse';

export function createForms(options: FormsOptions): Forms {
  const { access, audit, cache, process, urls, practitioner, server, now, readClock } = options;
  const opened = new Map<string, Opened>();
  const keyOf = ({ patientId, id }: { patientId: string; id: string }) => `${patientId}/${id}`;

  const record = (entry: Omit<AuditEntry, 'practitioner' | 'server'>) =>
    audit.record({ ...entry, practitioner, server });

  /** Who may not write the answers is shown no form. */
  async function decided(patientId: string, view: string): Promise<Extract<Decision, { allowed: true }> | null> {
    const decision = await access.decide({ action: 'create', patientId, type: TYPE });
    if (decision.allowed) return decision;
    await record({ action: 'denied', attempted: 'create', patientId, view, ...decision.grounds });
    return null;
  }

  /** While a sync brings new labels, what was decided is out of date before it is read; it settles at once. */
  async function seen<Value>(patientId: string, first: Sight, work: (sight: Sight) => Promise<Value>) {
    let sight = first;
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const value = await current(work(sight));
      if (value !== OUTDATED) return value;
      const again = await access.decide({ action: 'create', patientId, type: TYPE });
      if (!again.allowed) return OUTDATED;
      sight = again.sight;
    }
    return OUTDATED;
  }

  /** The form of a canonical address with its version (R4 references.html#canonical), or of its own at the server. */
  async function formOf(canonical: string, sight: Sight) {
    const [url = '', version = null] = canonical.split('|');
    const own = `${server.replace(/\/$/, '')}/Questionnaire/`;
    const { items } = await cache.read.formList({ sight, urls });
    for (const listed of items.filter((one) => one.version === version)) {
      const form = await cache.read.form({ id: listed.id, sight, urls });
      const address = form && ((JSON.parse(form.text) as { url?: string }).url ?? own + listed.id);
      if (form && address === url) return { ...form, id: listed.id };
    }
    return null;
  }

  interface About {
    readonly patientId: string;
    readonly sight: Sight;
  }

  async function sourceOf(text: string, openedAt: string, about: About): Promise<Result<FormSource, FormFailure>> {
    const known = {
      patient: await resourceAt(`Patient/${about.patientId}`),
      user: await resourceAt(practitioner),
      encounter: await encounterOf(about),
    };
    const base = { text, known, openedAt };
    const queries = await process.queries(base);
    if (!queries.ok) return queries;
    const found: Record<string, FoundRecords | Unknown> = {};
    for (const { name, ...query } of queries.value) found[name] = await searched(about, query);
    return { ok: true, value: { ...base, found } };
  }

  async function resourceAt(reference: string): Promise<string | Unknown> {
    const [type = '', id = ''] = reference.split('/');
    return (await cache.read.resource({ type, id })) ?? { unknown: 'not-synced' };
  }

  /** Null only where it is known that none is in progress. */
  async function encounterOf(about: About): Promise<string | Unknown | null> {
    const reference = await cache.read.currentEncounter(about);
    if (reference !== null) return resourceAt(reference);
    const others = await searched(about, { type: 'Encounter', query: 'status=arrived,triaged,in-progress,onleave' });
    if ('unknown' in others) return others;
    return others.total === 0 ? null : { unknown: 'not-usable' };
  }

  /** Of this patient's records that may be seen, and of nobody else's; or why nobody here knows what there is. */
  async function searched(
    { patientId, sight }: About,
    { type, query }: { readonly type: string; readonly query: string },
  ): Promise<FoundRecords | Unknown> {
    const { newest, shown } = sight;
    const seen = { newest, patients: [{ ids: [patientId], shown }], shared: shown };
    const counted = query.includes('_total=') ? query : `${query}&_total=accurate`;
    const answer = await cache.read.search({ type, query: counted, sight: seen });
    if (!answer.ok || !isWhole(query, answer.value)) return { unknown: 'not-offline' };
    const { types, brought, entries, total = entries.length } = answer.value;
    // Of what is shared only what is referred to is here.
    if (types.some(isShared)) return { unknown: 'not-offline' };
    const records = [...types, ...brought.filter((one) => !isShared(one))];
    const state = await cache.read.completeness({ patientId, sight, types: records });
    return state === 'complete' ? { total, entries: entries.map(({ body }) => body) } : { unknown: state };
  }

  return {
    async list({ patientId }) {
      const decision = await decided(patientId, 'forms.list');
      if (!decision) return failed('not-permitted');
      const list = await seen(patientId, decision.sight, (sight) => cache.read.formList({ sight, urls }));
      return list === OUTDATED ? failed('not-permitted') : { ok: true, value: list };
    },

    async open({ patientId, id, openedAt }) {
      const view = 'forms.open';
      const decision = await decided(patientId, view);
      if (!decision) return failed('not-permitted');
      const { sight, grounds, basis, holds } = decision;
      const recorded = await record({
        action: 'read',
        ...{ patientId, view, resource: `Questionnaire/${id}`, ...grounds, ...basis },
      });
      if (!recorded.ok) return recorded;
      const form = await seen(patientId, sight, (decided) => cache.read.form({ id, sight: decided, urls }));
      if (form === OUTDATED) return failed('not-permitted');
      if (form === null) return failed('not-found');
      // A clock that was put back since would tell of a time to come.
      const reading = openedAt === null || Date.parse(openedAt) > now() ? readClock() : openedAt;
      const source = await seen(patientId, sight, (decided) =>
        sourceOf(form.text, reading, { patientId, sight: decided }),
      );
      if (source === OUTDATED) return failed('not-permitted');
      if (!source.ok) return source;
      const shown = await process.open(source.value);
      if (!shown.ok) return shown;
      if (!holds()) return failed('not-permitted');
      const { versionId, title, about } = form;
      const key = keyOf({ patientId, id });
      opened.delete(key);
      opened.set(key, { source: source.value, versionId, holds });
      for (const oldest of [...opened.keys()].slice(0, -OPEN_MAX)) opened.delete(oldest);
      return { ok: true, value: { id, versionId, title, about, ...shown.value } };
    },

    async evaluate({ answers, ...about }) {
      const form = opened.get(keyOf(about));
      if (!form) return failed('form-closed');
      if (!form.holds()) return failed('not-permitted');
      return process.evaluate({ ...form.source, answers });
    },

    async complete({ versionId, answers, digest, ...about }) {
      const form = opened.get(keyOf(about));
      if (form?.versionId !== versionId) return failed('form-closed');
      const completed = await process.complete({ ...form.source, answers });
      if (!completed.ok) return completed;
      if (completed.value.digest !== digest) return failed('form-changed');
      const { openedAt } = form.source;
      return completed.value.complete
        ? { ok: true, value: { ...completed.value, openedAt } }
        : failed('form-incomplete');
    },

    async restore({ patientId, response, provenance }) {
      const { questionnaire, authored, item = [] } = JSON.parse(response) as QuestionnaireResponse;
      const decision = await access.decide({ action: 'create', patientId, type: TYPE });
      if (!decision.allowed || questionnaire === undefined) return null;
      const form = await seen(patientId, decision.sight, (sight) => formOf(questionnaire, sight));
      if (form === null || form === OUTDATED) return null;
      // With the digits that were typed.
      const items = stringify((parse(response) as { item?: unknown }).item ?? item) ?? '[]';
      const answers = await process.restore({ text: form.text, items });
      const { occurredPeriod } = JSON.parse(provenance ?? '{}') as Provenance;
      const openedAt = occurredPeriod?.start ?? authored;
      if (!answers.ok || answers.value === null || openedAt === undefined) return null;
      return { formId: form.id, formVersion: form.versionId, answers: answers.value, openedAt };
    },

    close: () => process.end(),
  };
}

/** Records that one query brings into a form. */
const FOUND_MAX = 50;

/** Whether all that was asked for was found: nothing of it was passed over, nor cut off but by the query itself. */
function isWhole(query: string, { entries, next, warnings }: SearchAnswer): boolean {
  const isCut = next !== null && !/(?:^|&)_count=/.test(query);
  return warnings.length === 0 && !isCut && entries.length <= FOUND_MAX;
}

const isShared = (type: string): boolean => (sharedTypes as readonly string[]).includes(type) || type === 'ValueSet';

function failed<Code extends string>(code: Code): { ok: false; error: { code: Code } } {
  return { ok: false, error: { code } };
}
