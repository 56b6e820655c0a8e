import { t } from '../words/t.ts';
import { createContent } from './content.ts';
import { showDicom } from './dicom.ts';
import { createFrame } from './frame.ts';
import { showImage } from './image.ts';
import { showText } from './text.ts';

const shows = { image: showImage, text: showText, dicom: showDicom } as const;

/** Shows what is no PDF, which has a page of its own, as what draws it is large. */
async function start(): Promise<void> {
  const frame = createFrame();
  const { kind, handle } = frame.shown;
  const show = Object.hasOwn(shows, kind) ? shows[kind as keyof typeof shows] : null;
  if (!show) return frame.say(t('Files of this kind can’t be shown in Wardlight.'));
  try {
    await show(frame, createContent(handle));
  } catch {
    frame.say(t('The document is not open any more, or it is damaged.'));
  }
}

void start();
