import type { Grant, Purpose } from '../../preload/contract/access.ts';
import type { PatientFacts } from '../audit/events/details.ts';
import type { Cache } from '../cache/client.ts';
import type { Standing, Subject } from '../cache/operations.ts';
import type { ListSight, PanelSight, RelatedSight, Sight } from '../cache/sight.ts';
import { createDecisions, identity, type NumberedLabels, recordKind, type Situation, unlabelled } from './decisions.ts';
import type { Engine } from './policy/engine.ts';
import type { AccessAction, Circumstances, Principal, RecordKind, Relation } from './policy/vocabulary.ts';

export type { AccessAction } from './policy/vocabulary.ts';

export interface AccessRequest {
  readonly action: AccessAction;
  readonly patientId: string;
  /** Type of a record that is to be made. */
  readonly type?: string;
  /** Versions of a record that are shown or changed: each must be permitted. */
  readonly subjects?: readonly Subject[];
  /** What is made of it stays: what was opened for a time only is left out. */
  readonly lasting?: boolean;
}

/** What a decision was made of, as the record of access tells it. */
export interface Grounds {
  readonly roles?: readonly string[];
  readonly facts: PatientFacts;
}

/** What was opened of the patient, and for which purpose: for the record of access. Empty where nothing was. */
export interface Basis {
  readonly purpose?: string;
  readonly emergency?: boolean;
}

export type Decision = { readonly grounds: Grounds } & (
  | {
      readonly allowed: true;
      readonly sight: Sight;
      readonly basis: Basis;
      /** Whether it still is: what was opened for a time may be over before the answer is there. */
      holds(): boolean;
    }
  /** `hidden`: the patient may be seen, but a record that it is about may not. */
  | { readonly allowed: false; readonly reason: 'relation' | 'policy' | 'hidden' }
);

/** Who may do what to which patient, and what of her is shown. Deny by default. */
export interface Access {
  decide(request: AccessRequest): Promise<Decision>;
  /** Whom the list shows; null where policy lets nobody be searched for. */
  decideList(): Promise<ListSight | null>;
  /**
   * What of the list's patients may be searched through; null where policy lets nobody be searched for. Whatever was
   * opened of one of them is left out: that was for her chart.
   */
  decideFind(): Promise<PanelSight | null>;
  /** Those of some patients of whom the page may hear: her own, what is open, and whom it was shown before. */
  audible(patientIds: readonly string[]): Promise<string[]>;
  /** Those of some types whose records, without labels, she may read of all her patients. */
  readable(types: readonly string[]): Promise<string[]>;
  /** What is known of a patient and of who asks, where something else than reading is decided. */
  groundsOf(patientId: string): Promise<Grounds>;
  /** The same with what was opened of her, for the record of what is done in her chart without a decision of its own. */
  toldOf(patientId: string): Promise<Grounds & Basis>;
  /** Whether emergency access may be declared to a patient; without one, to any who is not the clinician's. */
  mayDeclare(patientId: string | null): Promise<boolean>;
  /** Whether the record of access may be looked at: of one patient, and the alarms of the workstation. */
  mayReviewAccess(patientId: string): Promise<boolean>;
  mayReviewAlarms(): Promise<boolean>;
  /** Whether there is anything that stating the purpose would open of a patient whom she may read. */
  mayOpen(patientId: string, purpose: Purpose): Promise<boolean>;
}

export interface AccessOptions {
  readonly cache: Cache;
  readonly engine: Engine;
  /** `Practitioner/<id>`. */
  readonly practitioner: string;
  /** SMART scopes that the server granted; null where they aren't known. */
  readonly scopes: () => readonly string[] | null;
  readonly conditions: () => Pick<Circumstances, 'offline' | 'managed' | 'hour'>;
  /** What is open of a patient beyond the ordinary. */
  readonly grantOf: (patientId: string) => Pick<Grant, 'kind' | 'purpose'> | null;
  /** ISO instant. */
  readonly now: () => string;
}

/** A situation with what the cache said of it. */
interface Look extends Situation {
  readonly standing: Pick<Standing, 'label'>;
}

/** With all that the cache said. */
type WholeLook = Look & { readonly standing: Standing };

/**
 * Decides by the policies in force. Relation, roles and labels are read anew for each decision, so that a patient who left
 * the panel is denied at once; the policies themselves are asked once for each set of attributes.
 */
export function createAccess(options: AccessOptions): Access {
  const { cache, engine, practitioner, scopes, conditions, grantOf, now } = options;
  const decisions = createDecisions(engine);
  const shown = new Set<string>();
  let labels: readonly NumberedLabels[] = [];

  async function look(patientId: string | null, lasting = false): Promise<WholeLook> {
    const standing = await cache.read.standing({ patientId, practitioner, at: now() });
    await learnLabels(standing.newest);
    const principal: Principal = { roles: engine.rolesOf(standing.roles), scopes: scopes() };
    const relation: Relation = patientId === null ? 'shared' : standing.relation;
    return { principal, relation, standing, circumstances: circumstancesOf(lasting ? null : patientId) };
  }

  async function learnLabels(newest: number): Promise<void> {
    const known = labels.at(-1)?.number ?? 0;
    if (newest <= known) return;
    const learnt = await cache.read.labels({ after: known });
    // Two may have asked at once.
    const latest = labels.at(-1)?.number ?? 0;
    labels = [...labels, ...learnt.filter(({ number }) => number > latest)];
  }

  function circumstancesOf(patientId: string | null): Circumstances {
    const grant = patientId === null ? null : grantOf(patientId);
    const emergency = grant?.kind === 'emergency';
    return { purpose: grant?.purpose ?? 'TREAT', stated: grant !== null, emergency, ...conditions() };
  }

  /** The Patient resource: who may not be known is not there at all. */
  function identityOf({ standing, relation }: Look): RecordKind {
    const marked = labels.find(({ number }) => number === standing.label);
    if (standing.label !== 0 && !marked) return { ...identity(relation), confidentiality: 'unknown' };
    return marked ? recordKind(marked, relation, practitioner) : identity(relation);
  }

  function groundsOf({ standing: { relation, label, roles, ties } }: WholeLook): Grounds {
    const { confidentiality = 'N', sensitivity = [] } = labels.find(({ number }) => number === label)?.labels ?? {};
    const shownLabels = [...(confidentiality === 'N' ? [] : [confidentiality]), ...sensitivity];
    return { ...(roles.length > 0 && { roles }), facts: { relation, labels: shownLabels, ...ties } };
  }

  function basisOf({ circumstances: { purpose, stated, emergency } }: Look): Basis {
    return stated ? { purpose, ...(emergency && { emergency }) } : {};
  }

  const allows = (action: AccessAction, record: RecordKind, at: Look) => decisions.allows(action, record, at);
  const reads = (at: Look) => allows('read', identityOf(at), at);

  /** Why a record may not be shown, or not be changed; null where it may. */
  async function objection(
    action: AccessAction,
    subject: Subject,
    at: Look,
    patientId: string,
  ): Promise<'policy' | 'hidden' | null> {
    const isHers = subject.patientId === patientId;
    const there = isHers ? at : await look(subject.patientId);
    if (!isHers && subject.patientId !== null && !reads(there)) return 'hidden';
    const record = recordKind(subject, there.relation, practitioner);
    if (!allows('read', record, there)) return 'hidden';
    return action === 'read' || allows(action, record, there) ? null : 'policy';
  }

  return {
    async decide({ action, patientId, type, subjects = [], lasting = false }) {
      const at = await look(patientId, lasting);
      const grounds = groundsOf(at);
      const denied = { allowed: false, reason: 'policy', grounds } as const;
      if (!reads(at)) return { ...denied, reason: at.relation === 'none' ? 'relation' : 'policy' };
      // What is written must be said: what isn't known is denied.
      if (action !== 'read' && type === undefined && subjects.length === 0) return denied;
      const made = type === undefined ? null : { ...unlabelled(type, at.relation), own: true };
      if (made && !allows(action, made, at)) return denied;
      for (const subject of subjects) {
        const reason = await objection(action, subject, at, patientId);
        if (reason) return { ...denied, reason };
      }
      const { purpose, stated, emergency } = at.circumstances;
      const isSame = () => {
        const here = circumstancesOf(patientId);
        return here.purpose === purpose && here.stated === stated && here.emergency === emergency;
      };
      shown.add(patientId);
      const sight = decisions.sight(at, labels, practitioner, action === 'print' ? 'print' : 'read');
      return { allowed: true, grounds, sight, basis: basisOf(at), holds: () => !stated || isSame() };
    },

    async decideList() {
      const at = await look(null);
      const of = (relation: Relation) => decisions.rowSight({ ...at, relation }, labels, practitioner);
      const [careTeam, panel] = [of('care-team'), of('panel')];
      // A list that is empty by policy would read as if she had no patients.
      if (careTeam.labels.length === 0 && panel.labels.length === 0) return null;
      return { newest: labels.at(-1)?.number ?? 0, careTeam, panel };
    },

    async decideFind() {
      const at = await look(null);
      const of = (relation: Relation): RelatedSight => {
        const here = { ...at, relation };
        const { labels: patients } = decisions.rowSight(here, labels, practitioner);
        return { patients, records: decisions.sight(here, labels, practitioner) };
      };
      const [careTeam, panel] = [of('care-team'), of('panel')];
      if (careTeam.patients.length === 0 && panel.patients.length === 0) return null;
      return { newest: labels.at(-1)?.number ?? 0, careTeam, panel };
    },

    async audible(patientIds) {
      const at = await look(null);
      const standings = await cache.read.standings({ patientIds, practitioner });
      const heard = patientIds.filter((id) => {
        const { relation = 'none', label = 0 } = standings[id] ?? {};
        const standing = { ...at.standing, relation, label };
        const isHers = reads({ ...at, relation, standing, circumstances: circumstancesOf(id) });
        // Told once more, so that what is on the screen of a patient who left is asked for anew, and refused.
        const wasShown = isHers ? shown.has(id) : shown.delete(id);
        return isHers || wasShown;
      });
      return heard;
    },

    async readable(types) {
      const at = await look(null);
      const isRead = (type: string, relation: Relation) => allows('read', unlabelled(type, relation), at);
      return types.filter((type) => isRead(type, 'care-team') && isRead(type, 'panel'));
    },

    groundsOf: async (patientId) => groundsOf(await look(patientId)),

    async toldOf(patientId) {
      const at = await look(patientId);
      return { ...groundsOf(at), ...basisOf(at) };
    },

    async mayDeclare(patientId) {
      const at = await look(patientId);
      const relation = patientId === null ? ('none' as const) : at.relation;
      return allows('emergency', identity(relation), { ...at, relation });
    },

    async mayReviewAccess(patientId) {
      const at = await look(patientId);
      return allows('review-access', { ...identityOf(at), resourceType: 'AuditEvent' }, at);
    },

    async mayReviewAlarms() {
      return allows('review-alarms', unlabelled('AuditEvent', 'shared'), await look(null));
    },

    async mayOpen(patientId, purpose) {
      const at = await look(patientId);
      const unopened = { ...at.circumstances, purpose: 'TREAT', stated: false, emergency: false };
      const stated = { ...at, circumstances: { ...unopened, purpose, stated: true } };
      // A purpose opens what is hers. Whoever is not, is opened by emergency access, with all that belongs to it.
      if (at.relation === 'none' || !reads(stated)) return false;
      const before = decisions.sight({ ...at, circumstances: unopened }, labels, practitioner);
      return showsMore(decisions.sight(stated, labels, practitioner), before);
    },
  };
}

/** Opening is offered, and recorded, only where it shows something that isn't shown without it. */
function showsMore({ shown }: Sight, before: Sight): boolean {
  const isNew = (known: readonly unknown[]) => (one: unknown) => !known.includes(one);
  return shown.types.some(isNew(before.shown.types)) || shown.labels.some(isNew(before.shown.labels));
}
