/**
 * The Cedar schema by which every request is made. A bundle is validated against it whatever schema it brings along, so
 * that no policy can be about an attribute that requests don't have.
 */
export const cedarSchema = `// Who asks. roles: the names that roles.json gives to codes of her PractitionerRoles.
// scopes: SMART scopes that the server granted, where they are known.
entity Clinician {
  roles: Set<String>,
  scopes?: Set<String>,
};

// What is asked for. All records that agree in these are decided alike, and at once.
entity Record {
  // FHIR's name of the type.
  resourceType: String,
  // "care-team", "panel" (by a Group or List that policy names), "none", or "shared" for records of no patient.
  relation: String,
  // "N", "R", "V", or "unknown" for a code that is none of HL7's levels.
  confidentiality: String,
  // Codes of HL7 v3 ActCode such as "HIV"; a label of another system is "system|code".
  sensitivity: Set<String>,
  // She is among the authors. Known for labelled records, and for what is written.
  own?: Bool,
};

type Circumstances = {
  // HL7 v3 purpose of use; TREAT unless another one was stated.
  purpose: String,
  // The purpose was stated for this patient a short while ago.
  stated: Bool,
  emergency: Bool,
  offline: Bool,
  managed: Bool,
  hour: Long,
  // Whether the granted scopes allow this action on this type: "granted", "refused" or "unknown".
  scope: String,
};

action "write";
action "create", "update", "delete" in ["write"] appliesTo {
  principal: Clinician, resource: Record, context: Circumstances
};
// The last two are about the record of access: who has seen a patient's records (with the relation and labels of the
// patient), and the alarms of this workstation.
action "read", "search", "print", "export", "upload", "emergency", "review-access", "review-alarms" appliesTo {
  principal: Clinician, resource: Record, context: Circumstances
};
`;
