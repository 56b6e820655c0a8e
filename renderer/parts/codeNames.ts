import { t } from '../words/t.ts';

/** What clinicians call the everyday measurements, by LOINC code. The server's own name stays in titles and details. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  // Vital signs
  '8867-4': t('Heart rate'),
  '9279-1': t('Respiratory rate'),
  '8310-5': t('Temperature'),
  '8331-1': t('Temperature (oral)'),
  '59408-5': t('SpO₂'),
  // Says nothing of how it was measured, and blood gases have it too.
  '2708-6': t('O₂ saturation'),
  '3151-8': t('Oxygen given'),
  '85354-9': t('Blood pressure'),
  '55284-4': t('Blood pressure'),
  '8480-6': t('Systolic BP'),
  '8462-4': t('Diastolic BP'),
  '8478-0': t('Mean BP'),
  '29463-7': t('Weight'),
  '3141-9': t('Weight (measured)'),
  '8302-2': t('Height'),
  '39156-5': 'BMI',
  '9843-4': t('Head circumference'),
  '9269-2': t('Glasgow coma score'),
  '72514-3': t('Pain score'),
  // Chemistry
  '2160-0': t('Creatinine'),
  '38483-4': t('Creatinine (blood)'),
  '14682-9': t('Creatinine'),
  '33914-3': t('eGFR (MDRD)'),
  '62238-1': t('eGFR (CKD-EPI)'),
  '98979-8': t('eGFR (CKD-EPI 2021)'),
  '3094-0': t('Urea nitrogen'),
  '22664-7': t('Urea'),
  '2823-3': t('Potassium'),
  '6298-4': t('Potassium (blood)'),
  '2951-2': t('Sodium'),
  '2947-0': t('Sodium (blood)'),
  '2075-0': t('Chloride'),
  '2028-9': t('CO₂, total'),
  '1963-8': t('Bicarbonate'),
  '17861-6': t('Calcium'),
  '2000-8': t('Calcium'),
  '19123-9': t('Magnesium'),
  '2777-1': t('Phosphate'),
  '1988-5': 'CRP',
  '30522-7': t('CRP (high sensitivity)'),
  '33959-8': t('Procalcitonin'),
  '32693-4': t('Lactate (blood)'),
  '2524-7': t('Lactate'),
  '1751-7': t('Albumin'),
  '1742-6': 'ALT',
  '1920-8': 'AST',
  '6768-6': t('Alkaline phosphatase'),
  '2324-2': t('Gamma-GT'),
  '1975-2': t('Bilirubin, total'),
  '2885-2': t('Protein, total'),
  // Glucose and lipids
  '2345-7': t('Glucose'),
  '14749-6': t('Glucose'),
  '2339-0': t('Glucose (blood)'),
  '15074-8': t('Glucose (blood)'),
  '41653-7': t('Glucose (capillary)'),
  '1558-6': t('Glucose (fasting)'),
  '4548-4': t('HbA1c'),
  '59261-8': t('HbA1c (IFCC)'),
  '2093-3': t('Cholesterol'),
  '2085-9': t('HDL cholesterol'),
  '18262-6': t('LDL cholesterol (direct)'),
  '13457-7': t('LDL cholesterol (calculated)'),
  '2571-8': t('Triglycerides'),
  // Heart
  '6598-7': t('Troponin T'),
  '67151-1': t('Troponin T (high sensitivity)'),
  '10839-9': t('Troponin I'),
  '89579-7': t('Troponin I (high sensitivity)'),
  '33762-6': 'NT-proBNP',
  '30934-4': 'BNP',
  // Blood
  '718-7': t('Haemoglobin'),
  '4544-3': t('Haematocrit'),
  '787-2': 'MCV',
  '789-8': t('Red cells'),
  '6690-2': t('White cells'),
  '777-3': t('Platelets'),
  '751-8': t('Neutrophils'),
  '731-0': t('Lymphocytes'),
  '6301-6': 'INR',
  '5902-2': t('Prothrombin time'),
  '2276-4': t('Ferritin'),
  '3016-3': 'TSH',
  '3024-7': t('Free T4'),
};

const LOINC = 'http://loinc.org|';

/** The short name of a code (`system|code`) where there is one, else the server's. */
export function shortName({ code, name }: { readonly code: string; readonly name: string }): string {
  const loinc = code.startsWith(LOINC) ? code.slice(LOINC.length) : '';
  // Own entries only: the server chooses the code, and `constructor` is no short name.
  return (Object.hasOwn(SHORT_NAMES, loinc) && SHORT_NAMES[loinc]) || name;
}

/** Codes (`system|code`) whose short names say something. */
export function codesNamed(says: (name: string) => boolean): string[] {
  return Object.entries(SHORT_NAMES).flatMap(([code, name]) => (says(name) ? [`${LOINC}${code}`] : []));
}

/** `3.5–5.1` of `3.5–5.1 mmol/L`, where the unit stands beside it anyway. */
export function rangeWithoutUnit(range: string, unit: string | null): string {
  return unit && range.endsWith(` ${unit}`) ? range.slice(0, -unit.length - 1) : range;
}
