import type { Result } from '../../preload/contract/channel.ts';
import type { FormAnswers, FormFailure } from '../../preload/contract/forms.ts';
import type { Contract, ErrorCode, Request, Response } from '../../preload/contract/index.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/events/entry.ts';
import type { Cache } from '../cache/client.ts';
import type { Sight } from '../cache/sight.ts';
import type { FormsClient } from '../forms/client.ts';
import type { Completed, FormSource } from '../forms/service.ts';
import type { Access, Decision } from './access.ts';
import { current, OUTDATED } from './current.ts';

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

/** The page's way to forms. One is opened as the patient's record is: decided and recorded first. */
export interface Forms {
  readonly list: Call<'list'>;
  readonly open: Call<'open'>;
  readonly evaluate: Call<'evaluate'>;
  /** What is to be recorded, if nothing in it is wrong and it is what was shown. */
  complete(filled: Filled): Promise<Result<Completed, CompleteError>>;
  close(): Promise<void>;
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
  const { access, audit, cache, process, urls, practitioner, server, now } = options;
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

  async function sourceOf(patientId: string, text: string, sight: Sight): Promise<Result<FormSource, FormFailure>> {
    const encounter = await cache.read.currentEncounter({ patientId, sight });
    const read = async (reference: string | null) => {
      const [type = '', id = ''] = reference?.split('/') ?? [];
      return id === '' ? null : cache.read.resource({ type, id });
    };
    const known = {
      patient: await read(`Patient/${patientId}`),
      user: await read(practitioner),
      encounter: await read(encounter),
    };
    const base = { text, known, now: now() };
    const queries = await process.queries(base);
    if (!queries.ok) return queries;
    const found: Record<string, string[] | null> = {};
    for (const { name, type, query } of queries.value) found[name] = await searched(patientId, sight, { type, query });
    return { ok: true, value: { ...base, found } };
  }

  /** Of this patient's records that may be seen, and of nobody else's; null where it can't be answered here. */
  async function searched(patientId: string, sight: Sight, asked: { type: string; query: string }) {
    const { newest, shown } = sight;
    const seen = { newest, patients: [{ ids: [patientId], shown }], shared: shown };
    const answer = await cache.read.search({ ...asked, sight: seen });
    return answer.ok ? answer.value.entries.slice(0, FOUND_MAX).map(({ body }) => body) : null;
  }

  return {
    async list({ patientId }) {
      const decision = await decided(patientId, 'forms.list');
      if (!decision) return failed('not-permitted');
      const list = await seen(patientId, decision.sight, (sight) => cache.read.formList({ sight, urls }));
      return list === OUTDATED ? failed('not-permitted') : { ok: true, value: list };
    },

    async open({ patientId, id }) {
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
      const source = await seen(patientId, sight, (decided) => sourceOf(patientId, form.text, decided));
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
      return completed.value.complete ? completed : failed('form-incomplete');
    },

    close: () => process.end(),
  };
}

/** Records that one query brings into a form. */
const FOUND_MAX = 50;

function failed<Code extends string>(code: Code): { ok: false; error: { code: Code } } {
  return { ok: false, error: { code } };
}
