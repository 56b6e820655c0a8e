import type { Bundle } from './bundle.ts';
import { cedarSchema } from './schema.ts';

/*
 * What Wardlight ships. Decision 31 gives the reasons; \`npm run policy -- template FOLDER\` writes it out to start from.
 */

const policies = `@id("shared-records")
@says("Records of no patient, such as wards and colleagues, are read by everybody.")
permit (principal, action in [Action::"read", Action::"search"], resource)
when {
  resource.relation == "shared" && resource.confidentiality == "N" && resource.sensitivity.isEmpty()
};

@id("team-reads")
@says("Who is on the care team, or has the patient on her panel, reads, finds and prints what is not restricted.")
permit (principal, action in [Action::"read", Action::"search", Action::"print"], resource)
when {
  ["care-team", "panel"].contains(resource.relation) &&
  resource.confidentiality == "N" && resource.sensitivity.isEmpty()
};

@id("team-knows-who-it-is")
@says("Who a patient is, is known to her team whatever her record is labelled: nobody is treated without a name.")
permit (principal, action in [Action::"read", Action::"search"], resource)
when {
  ["care-team", "panel"].contains(resource.relation) &&
  resource.resourceType == "Patient" && ["N", "R", "V"].contains(resource.confidentiality)
};

@id("team-opens-restricted")
@says("The team opens restricted and sensitive records by stating that they are needed for treatment.")
permit (principal, action in [Action::"read", Action::"search", Action::"print"], resource)
when {
  ["care-team", "panel"].contains(resource.relation) &&
  ["N", "R"].contains(resource.confidentiality) &&
  context.stated && ["TREAT", "ETREAT", "CAREMGT"].contains(context.purpose)
};

@id("care-team-opens-very-restricted")
@says("Very restricted records are opened by the care team alone, and for treatment alone.")
permit (principal, action == Action::"read", resource)
when {
  resource.relation == "care-team" && resource.confidentiality == "V" &&
  context.stated && ["TREAT", "ETREAT"].contains(context.purpose)
};

@id("own-records")
@says("An author reads what she wrote herself, as long as the patient is hers.")
permit (principal, action == Action::"read", resource)
when {
  ["care-team", "panel"].contains(resource.relation) && resource has own && resource.own &&
  ["N", "R"].contains(resource.confidentiality)
};

@id("team-writes")
@says("The team writes what it may read.")
permit (principal, action in [Action::"write", Action::"upload"], resource)
when {
  ["care-team", "panel"].contains(resource.relation) &&
  (
    (resource.confidentiality == "N" && resource.sensitivity.isEmpty()) ||
    (["N", "R"].contains(resource.confidentiality) && context.stated)
  )
};

@id("managed-workstations-export")
@says("What is not restricted is exported on a managed workstation, while it is online.")
permit (principal, action == Action::"export", resource)
when {
  resource.relation == "care-team" && resource.confidentiality == "N" && resource.sensitivity.isEmpty() &&
  context.managed && !context.offline
};

@id("emergency-may-be-declared")
@says("Emergency access to a patient who is not one's own, or to what is restricted, online and offline.")
permit (principal, action == Action::"emergency", resource)
when { ["care-team", "panel", "none"].contains(resource.relation) };

@id("emergency-reads")
@says("Under emergency access everything of the patient is read.")
permit (principal, action == Action::"read", resource)
when { context.emergency && ["care-team", "panel", "none"].contains(resource.relation) };

@id("emergency-documents")
@says("Under emergency access new records are written; those of others are not changed.")
permit (principal, action in [Action::"create", Action::"upload"], resource)
when { context.emergency && ["care-team", "panel", "none"].contains(resource.relation) };

@id("privacy-officers-review")
@says("Privacy officers see who has seen a patient's records, and the alarms. It opens no record.")
permit (principal, action in [Action::"review-access", Action::"review-alarms"], resource)
when { principal.roles.contains("privacy-officer") };

@id("clerks-see-who-and-where")
@says("Administrative staff sees who and where a patient is, nothing clinical, and nothing that is restricted.")
forbid (principal, action in [Action::"read", Action::"search", Action::"print", Action::"export"], resource)
when {
  principal.roles.contains("administrative") &&
  !principal.roles.containsAny(["physician", "nurse", "pharmacist", "therapist"]) &&
  (
    !["Patient", "Encounter", "Appointment", "Location", "Organization", "Practitioner", "PractitionerRole", "CareTeam"]
      .contains(resource.resourceType) ||
    (resource.resourceType != "Patient" && (resource.confidentiality != "N" || !resource.sensitivity.isEmpty()))
  )
};

@id("clerks-neither-write-nor-override")
@says("Administrative staff writes nothing, and declares no emergency.")
forbid (principal, action in [Action::"write", Action::"upload", Action::"emergency"], resource)
when {
  principal.roles.contains("administrative") &&
  !principal.roles.containsAny(["physician", "nurse", "pharmacist", "therapist"])
};

@id("students-read-only")
@says("Students read what is not restricted, and nothing else.")
forbid (principal, action, resource)
when {
  principal.roles.contains("student") &&
  !principal.roles.containsAny(["physician", "nurse", "pharmacist", "therapist"]) &&
  (
    !(action == Action::"read" || action == Action::"search") ||
    (resource.resourceType != "Patient" && (resource.confidentiality != "N" || !resource.sensitivity.isEmpty()))
  )
};

@id("labels-that-nobody-knows")
@says("A level of confidentiality that is none of HL7's is opened by emergency access only.")
forbid (principal, action, resource)
when {
  resource.confidentiality == "unknown" && !context.emergency &&
  ![Action::"emergency", Action::"review-access", Action::"review-alarms"].contains(action)
};

@id("within-the-granted-scopes")
@says("What the server has refused to the sign-in is not attempted.")
forbid (principal, action in [Action::"write", Action::"upload"], resource)
when { context.scope == "refused" };

@id("very-restricted-stays-here")
@says("Very restricted records leave the workstation neither on paper nor as a file.")
forbid (principal, action in [Action::"print", Action::"export"], resource)
when { resource.confidentiality == "V" };
`;

const SNOMED = 'http://snomed.info/sct';
const HL7 = 'http://terminology.hl7.org/CodeSystem/practitioner-role';

const snomed = (...codes: string[]) => codes.map((code) => `${SNOMED}|${code}`);

const roles = {
  physician: [...snomed('309343006', '158965000', '112247003', '17561000', '304292004', '82296001'), `${HL7}|doctor`],
  nurse: [...snomed('224535009', '106292003'), `${HL7}|nurse`],
  pharmacist: [...snomed('46255001'), `${HL7}|pharmacist`],
  therapist: [...snomed('36682004'), `${HL7}|physio`, `${HL7}|speech`],
  student: snomed('398130009'),
  administrative: snomed('224608005'),
  // No published code system has one.
  'privacy-officer': ['urn:wardlight:role|privacy-officer'],
};

/** The policies that hold where IT has none of its own. Program code: what makes it a valid bundle is proven by tests. */
export const defaultBundle: Bundle = {
  manifest: { name: 'Wardlight default', version: 1, issued: '2026-11-25T00:00:00Z' },
  policies,
  schema: cedarSchema,
  roles,
};

/** Their texts by the ids in their annotations, without Cedar; each begins with its id. */
export const defaultPolicies: Record<string, string> = Object.fromEntries(
  policies.split(/^(?=@id\()/m).map((text) => [/^@id\("([a-z-]+)"\)/.exec(text)?.[1] ?? '', text]),
);
