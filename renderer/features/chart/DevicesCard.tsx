import type { DeviceItem } from '../../../preload/contract/background.ts';
import { statusWords } from '../../parts/codeWords.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { t } from '../../words/t.ts';
import css from './chart.module.css';
import { FoldedList } from './FoldedList.tsx';
import { RecordLine } from './RecordLine.tsx';
import type { SectionProps } from './sectionProps.ts';

const MRI_WORDS: Readonly<Record<NonNullable<DeviceItem['mri']>, string>> = {
  unsafe: t('MR unsafe'),
  conditional: t('MR conditional: ask MRI before scanning'),
  'not-labelled': t('MR safety not on the label: ask MRI before scanning'),
  safe: t('MR safe'),
};

/** What a scan could do harm to is never folded away behind what it can't. */
function dangerOf({ mri }: DeviceItem): number {
  return { unsafe: 0, conditional: 1, 'not-labelled': 2, safe: 3 }[mri ?? 'not-labelled'];
}

/** Implants and other devices, with what is coded of magnetic resonance. That nothing is coded is no "safe". */
export function DevicesCard({ chart, now }: SectionProps) {
  const { devices, patient } = chart;
  return (
    <SectionCard title={t('Devices and implants')} testId="section-devices" now={now} section={devices}>
      <FoldedList
        items={devices.items.toSorted((a, b) => dangerOf(a) - dangerOf(b))}
        total={devices.total}
        short={5}
        render={(item) => (
          <RecordLine
            key={item.id}
            patientId={patient.id}
            type="Device"
            item={item}
            title={item.name}
            struck={item.status === 'entered-in-error'}
            details={[
              item.status !== 'active' && statusWords(item.status),
              item.serial !== null && t('serial {serial}', { serial: item.serial }),
              item.lot !== null && t('lot {lot}', { lot: item.lot }),
            ]}
          >
            <p className={item.mri === 'unsafe' ? css.danger : css.sub}>
              {item.mri === null ? t('MR safety not recorded') : MRI_WORDS[item.mri]}
            </p>
          </RecordLine>
        )}
      />
    </SectionCard>
  );
}
