/** What ails a patient: the thread that runs through problems, medications, results and notes. */
export interface Problem {
  code: string;
  display: string;
  /** Rough years since it began, at most. */
  since: number;
  resolved?: true;
}

export interface Drug {
  code: string;
  display: string;
  text: string;
  dose: number;
  unit: string;
  perDay: number;
  route: 'oral' | 'subcutaneous' | 'intravenous' | 'inhaled';
  asNeeded?: true;
}

export interface Picture {
  name: string;
  /** Age range it fits. */
  ages: readonly [number, number];
  problems: readonly Problem[];
  drugs: readonly Drug[];
  /** Where each result tends to, by the names in labs.ts: first value, last value. */
  trends: Readonly<Record<string, readonly [number, number]>>;
  reason: string;
  /** The ward for an adult, where it isn't general medicine. */
  ward?: 'cardiology' | 'surgery';
}

const drug = (
  code: string,
  display: string,
  text: string,
  dose: number,
  unit: string,
  perDay: number,
  route: Drug['route'] = 'oral',
): Drug => ({
  code,
  display,
  text,
  dose,
  unit,
  perDay,
  route,
});

const METFORMIN = drug(
  '861007',
  'metformin hydrochloride 500 MG Oral Tablet',
  '500 mg by mouth twice a day with meals',
  500,
  'mg',
  2,
);
const ATORVASTATIN = drug('617312', 'atorvastatin 20 MG Oral Tablet', '20 mg by mouth at night', 20, 'mg', 1);
const RAMIPRIL = drug('261962', 'ramipril 10 MG Oral Capsule', '10 mg by mouth once a day', 10, 'mg', 1);
const FUROSEMIDE = drug('313988', 'furosemide 40 MG Oral Tablet', '40 mg by mouth in the morning', 40, 'mg', 1);
const BISOPROLOL = drug('854905', 'bisoprolol fumarate 5 MG Oral Tablet', '5 mg by mouth once a day', 5, 'mg', 1);
const APIXABAN = drug('1364445', 'apixaban 5 MG Oral Tablet', '5 mg by mouth twice a day', 5, 'mg', 2);
const ENOXAPARIN = drug(
  '854235',
  'enoxaparin sodium 100 MG/ML, 0.4 ML Prefilled Syringe',
  '40 mg subcutaneously once a day',
  40,
  'mg',
  1,
  'subcutaneous',
);
const SALBUTAMOL: Drug = {
  ...drug(
    '745679',
    'albuterol 0.09 MG/ACTUAT Metered Dose Inhaler',
    '2 puffs when short of breath',
    2,
    '{puff}',
    4,
    'inhaled',
  ),
  asNeeded: true,
};
const PARACETAMOL: Drug = {
  ...drug('313782', 'acetaminophen 325 MG Oral Tablet', '650 mg by mouth every 6 hours if in pain', 650, 'mg', 4),
  asNeeded: true,
};
const CEFTRIAXONE = drug(
  '309092',
  'ceftriaxone 1000 MG Injection',
  '1 g intravenously once a day for 5 days',
  1,
  'g',
  1,
  'intravenous',
);
const DOXYCYCLINE = drug(
  '1649988',
  'doxycycline hyclate 100 MG Oral Capsule',
  '100 mg by mouth twice a day',
  100,
  'mg',
  2,
);

export const pictures: readonly Picture[] = [
  {
    name: 'newborn',
    ages: [0, 0.5],
    problems: [{ code: '387712008', display: 'Neonatal jaundice', since: 0.1 }],
    drugs: [
      drug('198014', 'cholecalciferol 400 UNT/ML Oral Solution', '400 units by mouth once a day', 400, '[iU]', 1),
    ],
    trends: { haemoglobin: [178, 165], glucose: [3.1, 4.2], crp: [2, 4] },
    reason: 'Observation after birth',
  },
  {
    name: 'asthma',
    ages: [0.5, 45],
    problems: [
      { code: '195967001', display: 'Asthma', since: 12 },
      { code: '54150009', display: 'Upper respiratory infection', since: 2, resolved: true },
    ],
    drugs: [SALBUTAMOL],
    trends: { crp: [3, 22], potassium: [4.2, 3.4] },
    reason: 'Acute asthma',
  },
  {
    name: 'diabetes',
    ages: [18, 80],
    problems: [
      { code: '44054006', display: 'Diabetes mellitus type 2', since: 14 },
      { code: '59621000', display: 'Essential hypertension', since: 16 },
      { code: '55822004', display: 'Hyperlipidaemia', since: 10 },
      { code: '414916001', display: 'Obesity', since: 20 },
    ],
    drugs: [METFORMIN, ATORVASTATIN, RAMIPRIL],
    trends: { hba1c: [6.9, 9.3], glucose: [7.1, 12.4], creatinine: [78, 104] },
    reason: 'Infected foot ulcer',
  },
  {
    name: 'kidney and heart failure',
    ward: 'cardiology',
    ages: [55, 110],
    problems: [
      { code: '433144002', display: 'Chronic kidney disease stage 3', since: 6 },
      { code: '84114007', display: 'Heart failure', since: 4 },
      { code: '49436004', display: 'Atrial fibrillation', since: 5 },
      { code: '195080001', display: 'Pulmonary embolism', since: 9, resolved: true },
    ],
    drugs: [FUROSEMIDE, BISOPROLOL, APIXABAN, RAMIPRIL],
    trends: {
      creatinine: [118, 262],
      potassium: [4.4, 5.9],
      haemoglobin: [128, 94],
      sodium: [139, 129],
      troponin: [9, 31],
    },
    reason: 'Decompensated heart failure with acute kidney injury',
  },
  {
    name: 'pneumonia',
    ages: [30, 110],
    problems: [
      { code: '233604007', display: 'Pneumonia', since: 0.05 },
      { code: '13645005', display: 'Chronic obstructive pulmonary disease', since: 11 },
      { code: '77386006', display: 'Pregnancy', since: 25, resolved: true },
    ],
    drugs: [DOXYCYCLINE, SALBUTAMOL, ENOXAPARIN],
    trends: { crp: [8, 214], haemoglobin: [139, 121], sodium: [140, 133] },
    reason: 'Community-acquired pneumonia',
  },
  {
    name: 'surgery',
    ward: 'surgery',
    ages: [16, 95],
    problems: [
      { code: '85189001', display: 'Acute appendicitis', since: 0.05 },
      { code: '35489007', display: 'Depressive disorder', since: 7 },
    ],
    drugs: [CEFTRIAXONE, PARACETAMOL, ENOXAPARIN],
    trends: { crp: [4, 96], haemoglobin: [142, 118] },
    reason: 'Laparoscopic appendicectomy',
  },
  {
    name: 'frailty',
    ward: 'surgery',
    ages: [75, 120],
    problems: [
      { code: '5913000', display: 'Fracture of neck of femur', since: 0.06 },
      { code: '26929004', display: "Alzheimer's disease", since: 5 },
      { code: '64859006', display: 'Osteoporosis', since: 12 },
      { code: '68566005', display: 'Urinary tract infection', since: 1, resolved: true },
    ],
    drugs: [PARACETAMOL, ENOXAPARIN, ATORVASTATIN],
    trends: { haemoglobin: [124, 87], creatinine: [84, 121], sodium: [138, 127] },
    reason: 'Fall with hip fracture',
  },
  {
    name: 'chest pain',
    ward: 'cardiology',
    ages: [35, 95],
    problems: [
      { code: '401314000', display: 'Acute non-ST segment elevation myocardial infarction', since: 0.02 },
      { code: '59621000', display: 'Essential hypertension', since: 8 },
    ],
    drugs: [
      BISOPROLOL,
      ATORVASTATIN,
      drug('243670', 'aspirin 81 MG Oral Tablet', '81 mg by mouth once a day', 81, 'mg', 1),
    ],
    trends: { troponin: [8, 1240], potassium: [4.1, 4.6], glucose: [5.6, 8.9] },
    reason: 'Chest pain',
  },
];
