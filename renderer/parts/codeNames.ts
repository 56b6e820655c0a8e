/** What clinicians call the everyday measurements, by LOINC code. The server's own name stays in titles and details. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  // Vital signs
  '8867-4': 'Heart rate',
  '9279-1': 'Respiratory rate',
  '8310-5': 'Temperature',
  '8331-1': 'Temperature (oral)',
  '59408-5': 'SpO₂',
  // Says nothing of how it was measured, and blood gases have it too.
  '2708-6': 'O₂ saturation',
  '3151-8': 'Oxygen given',
  '85354-9': 'Blood pressure',
  '55284-4': 'Blood pressure',
  '8480-6': 'Systolic BP',
  '8462-4': 'Diastolic BP',
  '8478-0': 'Mean BP',
  '29463-7': 'Weight',
  '3141-9': 'Weight (measured)',
  '8302-2': 'Height',
  '39156-5': 'BMI',
  '9843-4': 'Head circumference',
  '9269-2': 'Glasgow coma score',
  '72514-3': 'Pain score',
  // Chemistry
  '2160-0': 'Creatinine',
  '38483-4': 'Creatinine (blood)',
  '14682-9': 'Creatinine',
  '33914-3': 'eGFR (MDRD)',
  '62238-1': 'eGFR (CKD-EPI)',
  '98979-8': 'eGFR (CKD-EPI 2021)',
  '3094-0': 'Urea nitrogen',
  '22664-7': 'Urea',
  '2823-3': 'Potassium',
  '6298-4': 'Potassium (blood)',
  '2951-2': 'Sodium',
  '2947-0': 'Sodium (blood)',
  '2075-0': 'Chloride',
  '2028-9': 'CO₂, total',
  '1963-8': 'Bicarbonate',
  '17861-6': 'Calcium',
  '2000-8': 'Calcium',
  '19123-9': 'Magnesium',
  '2777-1': 'Phosphate',
  '1988-5': 'CRP',
  '30522-7': 'CRP (high sensitivity)',
  '33959-8': 'Procalcitonin',
  '32693-4': 'Lactate (blood)',
  '2524-7': 'Lactate',
  '1751-7': 'Albumin',
  '1742-6': 'ALT',
  '1920-8': 'AST',
  '6768-6': 'Alkaline phosphatase',
  '2324-2': 'Gamma-GT',
  '1975-2': 'Bilirubin, total',
  '2885-2': 'Protein, total',
  // Glucose and lipids
  '2345-7': 'Glucose',
  '14749-6': 'Glucose',
  '2339-0': 'Glucose (blood)',
  '15074-8': 'Glucose (blood)',
  '41653-7': 'Glucose (capillary)',
  '1558-6': 'Glucose (fasting)',
  '4548-4': 'HbA1c',
  '59261-8': 'HbA1c (IFCC)',
  '2093-3': 'Cholesterol',
  '2085-9': 'HDL cholesterol',
  '18262-6': 'LDL cholesterol (direct)',
  '13457-7': 'LDL cholesterol (calculated)',
  '2571-8': 'Triglycerides',
  // Heart
  '6598-7': 'Troponin T',
  '67151-1': 'Troponin T (high sensitivity)',
  '10839-9': 'Troponin I',
  '89579-7': 'Troponin I (high sensitivity)',
  '33762-6': 'NT-proBNP',
  '30934-4': 'BNP',
  // Blood
  '718-7': 'Haemoglobin',
  '4544-3': 'Haematocrit',
  '787-2': 'MCV',
  '789-8': 'Red cells',
  '6690-2': 'White cells',
  '777-3': 'Platelets',
  '751-8': 'Neutrophils',
  '731-0': 'Lymphocytes',
  '6301-6': 'INR',
  '5902-2': 'Prothrombin time',
  '2276-4': 'Ferritin',
  '3016-3': 'TSH',
  '3024-7': 'Free T4',
};

const LOINC = 'http://loinc.org|';

/** The short name of a code (`system|code`) where there is one, else the server's. */
export function shortName({ code, name }: { readonly code: string; readonly name: string }): string {
  const loinc = code.startsWith(LOINC) ? code.slice(LOINC.length) : '';
  // Own entries only: the server chooses the code, and `constructor` is no short name.
  return (Object.hasOwn(SHORT_NAMES, loinc) && SHORT_NAMES[loinc]) || name;
}

/** `3.5–5.1` of `3.5–5.1 mmol/L`, where the unit stands beside it anyway. */
export function rangeWithoutUnit(range: string, unit: string | null): string {
  return unit && range.endsWith(` ${unit}`) ? range.slice(0, -unit.length - 1) : range;
}
