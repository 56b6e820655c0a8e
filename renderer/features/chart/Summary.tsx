import { t } from '../../words/t.ts';
import css from './chart.module.css';
import type { SectionProps } from './sectionProps.ts';
import { COLUMNS } from './sections.tsx';

/** The chart at a glance. Sections keep their place, so that the eye learns where to look. */
export function Summary(props: SectionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={css.summary} tabIndex={0} aria-label={t('Summary')}>
      <div className={css.columns}>
        <Column sections={COLUMNS.first} {...props} />
        <div className={css.middle}>
          {COLUMNS.middle.map((sections) => (
            <Column key={sections[0]?.name} sections={sections} {...props} />
          ))}
        </div>
        <Column sections={COLUMNS.last} {...props} />
      </div>
    </section>
  );
}

function Column({ sections, ...props }: SectionProps & { readonly sections: typeof COLUMNS.first }) {
  return (
    <div className={css.column}>
      {sections.map(({ name, Card }) => (
        <Card key={name} {...props} />
      ))}
    </div>
  );
}
