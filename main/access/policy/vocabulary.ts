/*
 * What a policy decides on. The Cedar schema (schema.ts) says the same to Cedar; docs/access-policy.md says it to IT.
 */

/** What the page asks to do. `create`, `update` and `delete` are the parts of Cedar's `write`. */
export const actions = [
  'read',
  'search',
  'print',
  'export',
  'create',
  'update',
  'delete',
  'upload',
  'emergency',
  /** Who has seen a patient's records; and the alarms, with the state of the record of access. */
  'review-access',
  'review-alarms',
] as const;
export type AccessAction = (typeof actions)[number];

/** How the clinician is related with the patient. `shared`: the record is of no patient, such as a ward. */
export const relations = ['care-team', 'panel', 'none', 'shared'] as const;
export type Relation = (typeof relations)[number];

/** One kind of record: all that a decision can tell apart of it. */
export interface RecordKind {
  readonly resourceType: string;
  readonly relation: Relation;
  readonly confidentiality: 'N' | 'R' | 'V' | 'unknown';
  readonly sensitivity: readonly string[];
  /** The clinician is among its authors; known for labelled records, and for what is written. */
  readonly own?: boolean | undefined;
}

export interface Circumstances {
  /** Purpose of use, HL7 v3: TREAT unless the clinician has stated another one. */
  readonly purpose: string;
  /** The clinician has stated the purpose for this patient, a short while ago. */
  readonly stated: boolean;
  /** Under emergency access to this patient. */
  readonly emergency: boolean;
  readonly offline: boolean;
  /** The workstation is managed by IT. */
  readonly managed: boolean;
  /** Hour of the workstation's local time. */
  readonly hour: number;
}

/** Who asks: what is known of the clinician. */
export interface Principal {
  /** Names that the bundle gives to codes of her PractitionerRoles. */
  readonly roles: readonly string[];
  /** SMART scopes granted; null where they aren't known. */
  readonly scopes: readonly string[] | null;
}

export interface PolicyRequest {
  readonly principal: Principal;
  readonly action: AccessAction;
  readonly record: RecordKind;
  readonly circumstances: Circumstances;
}

/**
 * Whether the granted scopes (SMART App Launch 2, `user/Observation.cruds`) allow what is asked of a type. A scope for a
 * part of a type (`?category=…`) allows nothing: what is asked for may be of another part.
 */
export function scopeOf(
  scopes: Principal['scopes'],
  action: AccessAction,
  type: string,
): 'granted' | 'refused' | 'unknown' {
  const letter = LETTERS[action];
  if (scopes === null || letter === undefined) return 'unknown';
  const granted = scopes.some((scope) => {
    const parts = /^(?:user|patient)\/([A-Za-z]+|\*)\.(read|write|\*|[cruds]+)$/.exec(scope);
    if (!parts || (parts[1] !== '*' && parts[1] !== type)) return false;
    const verbs = VERSION_1[parts[2] ?? ''] ?? parts[2] ?? '';
    return verbs.includes(letter);
  });
  return granted ? 'granted' : 'refused';
}

const LETTERS: Partial<Record<AccessAction, string>> = {
  read: 'r',
  search: 's',
  print: 'r',
  export: 'r',
  create: 'c',
  update: 'u',
  delete: 'd',
  upload: 'c',
};

const VERSION_1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };
