import type { AlarmRule } from '../../../preload/contract/audit.ts';

/** What each rule has seen, for whoever is told of it away from the workstation. */
export const RULE_WORDS: Readonly<Record<AlarmRule, string>> = {
  'many-charts': 'many charts were opened in a short time',
  'outside-panel': 'charts were opened or tried of patients to whom neither care team nor panel relates the clinician',
  'same-family-name': 'the chart of a patient was opened who has the clinician’s family name',
  'own-record': 'a clinician has opened the own record',
  colleague: 'the chart of a patient was opened who is a clinician too',
  confidential: 'the chart of a patient with a confidentiality label was opened from outside the care team',
  'failed-unlocks': 'wrong passphrases were typed several times',
  'unusual-hours': 'charts were opened at an unusual hour',
  'unusual-workstation': 'charts were opened at an unusual workstation',
  'emergency-access': 'access was overridden in an emergency',
  'bulk-output': 'much was printed, exported or copied',
  'after-discharge': 'charts were opened long after discharge',
  'policy-tampering': 'the access policies were tampered with',
  'clock-tampering': 'the clock of the workstation was changed',
  'log-finding': 'something is wrong with the record of accesses',
  other: 'a rule that this version doesn’t know',
};
