import type { Contract, Response } from '../../preload/contract/index.ts';
import type { Language } from '../../preload/contract/languages.ts';
import type { LeaseStatus } from '../../preload/contract/lock.ts';
import type { ManagedSetting, ManagedState } from '../../preload/contract/managed.ts';
import type { Theme } from '../../preload/contract/preferences.ts';
import type { Charting } from '../access/charting.ts';
import type { Copies } from '../access/copies.ts';
import type { Drafts } from '../access/drafts.ts';
import type { Filters } from '../access/filters.ts';
import type { Forms } from '../access/forms.ts';
import type { Opening } from '../access/opening.ts';
import type { Reads } from '../access/reads.ts';
import type { ServerDecisions } from '../access/server.ts';
import type { Writes } from '../access/writes.ts';
import type { Audit } from '../audit/audit.ts';
import type { Review } from '../audit/review.ts';
import type { Reveal } from '../documents/fields/reveal.ts';
import type { Launch } from '../identity/launch.ts';
import type { Preferences } from '../shell/preferences.ts';
import type { Screen } from '../shell/screen.ts';
import type { Bundles } from '../support/bundle.ts';
import type { Notices } from '../support/notices.ts';
import type { Sync } from '../sync/sync.ts';
import type { Updates } from '../updates/updates.ts';
import type { Session } from '../vault/session-options.ts';
import type { Handlers } from './bind.ts';

export interface HandlerOptions {
  session: Session;
  launch: Launch;
  /** What works on the unlocked profile; null while locked. */
  opened: () => {
    reads: Reads;
    filters: Filters;
    writes: Writes;
    charting: Charting;
    forms: Forms;
    opening: Opening;
    drafts: Drafts;
    copies: Copies;
    server: ServerDecisions;
    review: Review;
    sync: Sync;
    documents: Handlers['documents'];
    fields: Reveal;
    downtime: Handlers['downtime'];
  } | null;
  /** The page has handed over what was typed. */
  flushed: () => void;
  /** Of the unlocked profile. */
  lease: () => LeaseStatus | null;
  screen: Pick<Screen, 'state'>;
  audit: Pick<Audit, 'status'>;
  updates: Updates;
  managed: { state: () => ManagedState; settings: (language: Language) => Promise<ManagedSetting[]> };
  support: { bundles: Bundles; notices: Notices };
  preferences: Preferences;
  setThemeSource: (theme: Theme) => void;
  /** Shows the page anew, once it has handed over what is typed. */
  reloadPage: () => Promise<void>;
  /** Records that a setting is another one. */
  recordSetting: (name: string, value: string) => Promise<void>;
  about: Response<Contract['preferences']['calls']['about']>;
}

const done = { ok: true, value: {} } as const;
const locked = { ok: false, error: { code: 'locked' } } as const;

/** What each call of the contract does. */
export function createHandlers({
  session,
  launch,
  opened,
  preferences,
  setThemeSource,
  reloadPage,
  recordSetting,
  about,
  flushed,
  lease,
  screen,
  audit,
  managed,
  support,
  updates,
}: HandlerOptions): Handlers {
  return {
    session: {
      state: () => ({ ok: true, value: session.state() }),
      signIn: ({ server }) => session.signIn(server),
      cancelSignIn() {
        session.cancelSignIn();
        return done;
      },
      enrol: ({ passphrase }) => session.enrol(passphrase),
      strength: async ({ passphrase }) => ({ ok: true, value: await session.strength(passphrase) }),
      unlock: ({ passphrase }) => session.unlock(passphrase),
      attempts: () => session.attempts(),
      changePassphrase: ({ current, next }) => session.changePassphrase(current, next),
      rotateKey: ({ passphrase }) => session.rotateKey(passphrase),
      setOutboxAside: ({ passphrase }) => session.setOutboxAside(passphrase),
      async lock() {
        await session.lock();
        return done;
      },
      async switchClinician() {
        await session.switchClinician();
        return done;
      },
      choose: ({ id }) => session.choose(id),
      addClinician: () => session.addClinician(),
      openedPatient() {
        session.openedPatient();
        return done;
      },
      async dismissWipe() {
        await session.dismissWipe();
        return done;
      },
      async retryKeyring() {
        await session.begin();
        return done;
      },
    },
    launch: {
      state: () => ({ ok: true, value: launch.state() }),
      async accept() {
        await launch.accept();
        return done;
      },
      dismiss() {
        launch.dismiss();
        return done;
      },
    },
    patients: {
      list: async (request) => (await opened()?.reads.patients(request)) ?? locked,
      lists: async (request) => (await opened()?.reads.lists(request)) ?? locked,
      async filters() {
        const filters = opened()?.filters;
        return filters ? { ok: true, value: await filters.filters() } : locked;
      },
      keepFilter: async ({ filter }) => (await opened()?.filters.keepFilter(filter)) ?? locked,
      async dropFilter({ name }) {
        await opened()?.filters.dropFilter(name);
        return done;
      },
    },
    chart: {
      read: async ({ patientId, asOf }) => (await opened()?.reads.chart(patientId, asOf)) ?? locked,
    },
    results: {
      list: async ({ patientId, asOf }) => (await opened()?.reads.resultGroups(patientId, asOf)) ?? locked,
      trend: async ({ patientId, code, asOf }) => (await opened()?.reads.trend(patientId, code, asOf)) ?? locked,
      trends: async ({ patientId, codes, asOf }) => (await opened()?.reads.trends(patientId, codes, asOf)) ?? locked,
      earlyWarning: async ({ patientId }) => (await opened()?.reads.earlyWarning(patientId)) ?? locked,
      record: async (request) => (await opened()?.writes.recordVital(request)) ?? locked,
      correct: async (request) => (await opened()?.writes.correctVital(request)) ?? locked,
    },
    timeline: {
      outline: async (request) => (await opened()?.reads.outline(request)) ?? locked,
      page: async (request) => (await opened()?.reads.page(request)) ?? locked,
      group: async (request) => (await opened()?.reads.group(request)) ?? locked,
      record: async (request) => (await opened()?.reads.record(request)) ?? locked,
      moments: async (request) => (await opened()?.reads.moments(request)) ?? locked,
    },
    find: {
      inChart: async (request) => (await opened()?.reads.findInChart(request)) ?? locked,
      inPanel: async (request) => (await opened()?.reads.findInPanel(request)) ?? locked,
    },
    notes: {
      read: async ({ patientId, noteId }) => (await opened()?.reads.note(patientId, noteId)) ?? locked,
      create: async (request) => (await opened()?.writes.createNote(request)) ?? locked,
      amend: async (request) => (await opened()?.writes.amendNote(request)) ?? locked,
    },
    charting: {
      parked: async (request) => (await opened()?.charting.parked(request)) ?? locked,
      recordAllergy: async (request) => (await opened()?.charting.recordAllergy(request)) ?? locked,
      recordNoKnownAllergies: async (request) => (await opened()?.charting.recordNoKnownAllergies(request)) ?? locked,
      refuteAllergy: async (request) => (await opened()?.charting.refuteAllergy(request)) ?? locked,
      recordProblem: async (request) => (await opened()?.charting.recordProblem(request)) ?? locked,
      changeProblem: async (request) => (await opened()?.charting.changeProblem(request)) ?? locked,
      recordMedication: async (request) => (await opened()?.charting.recordMedication(request)) ?? locked,
      stopMedication: async (request) => (await opened()?.charting.stopMedication(request)) ?? locked,
      recordTask: async (request) => (await opened()?.charting.recordTask(request)) ?? locked,
      changeTask: async (request) => (await opened()?.charting.changeTask(request)) ?? locked,
      recordImmunization: async (request) => (await opened()?.charting.recordImmunization(request)) ?? locked,
      recordForm: async (request) => (await opened()?.charting.recordForm(request)) ?? locked,
      startVisit: async (request) => (await opened()?.charting.startVisit(request)) ?? locked,
      labelSpecimen: async (request) => (await opened()?.charting.labelSpecimen(request)) ?? locked,
      renumber: async (request) => (await opened()?.charting.renumber(request)) ?? locked,
      checkIn: async (request) => (await opened()?.charting.checkIn(request)) ?? locked,
      recordNote: async (request) => (await opened()?.charting.recordNote(request)) ?? locked,
      signNote: async (request) => (await opened()?.charting.signNote(request)) ?? locked,
      addNote: async (request) => (await opened()?.charting.addNote(request)) ?? locked,
      markEnteredInError: async (request) => (await opened()?.charting.markEnteredInError(request)) ?? locked,
      suggest: async (request) => (await opened()?.charting.suggest(request)) ?? locked,
    },
    forms: {
      list: async (request) => (await opened()?.forms.list(request)) ?? locked,
      open: async (request) => (await opened()?.forms.open(request)) ?? locked,
      evaluate: async (request) => (await opened()?.forms.evaluate(request)) ?? locked,
    },
    sync: {
      status() {
        const sync = opened()?.sync;
        return sync ? { ok: true, value: sync.status() } : locked;
      },
      start() {
        opened()?.sync.start();
        return done;
      },
      cancel() {
        opened()?.sync.cancel();
        return done;
      },
      sections: async ({ patientId }) => (await opened()?.reads.sections(patientId)) ?? locked,
      changes: async () => (await opened()?.reads.changes()) ?? locked,
      conflict: async ({ id }) => (await opened()?.reads.conflict(id)) ?? locked,
      preview: async (request) => (await opened()?.reads.preview(request)) ?? locked,
      duplicates: async () => (await opened()?.reads.duplicates()) ?? locked,
      keepBoth: async (request) => (await opened()?.writes.keepBoth(request)) ?? locked,
      resolve: async (request) => (await opened()?.writes.resolve(request)) ?? locked,
      retry: async (request) => (await opened()?.writes.retry(request)) ?? locked,
      acceptServer: async (request) => (await opened()?.server.accept(request)) ?? locked,
      withdraw: async (request) => (await opened()?.writes.withdraw(request)) ?? locked,
    },
    access: {
      state() {
        const opening = opened()?.opening;
        return opening ? { ok: true, value: opening.state() } : locked;
      },
      async mayDeclare() {
        const opening = opened()?.opening;
        return opening ? { ok: true, value: await opening.mayDeclare() } : locked;
      },
      declareEmergency: async (request) => (await opened()?.opening.declareEmergency(request)) ?? locked,
      openRestricted: async (request) => (await opened()?.opening.openRestricted(request)) ?? locked,
      end(request) {
        opened()?.opening.end(request);
        return done;
      },
    },
    managed: {
      state: () => ({ ok: true, value: managed.state() }),
      settings: async ({ language }) => ({ ok: true, value: await managed.settings(language) }),
    },
    preferences: {
      about: () => ({ ok: true, value: about }),
      theme: () => ({ ok: true, value: preferences.theme() }),
      async setTheme({ theme }) {
        await preferences.setTheme(theme);
        setThemeSource(theme);
        await recordSetting('theme', theme);
        return done;
      },
      language: () => ({ ok: true, value: preferences.language() }),
      async setLanguage({ language }) {
        await preferences.setLanguage(language);
        await recordSetting('language', language);
        await reloadPage();
        return done;
      },
    },
    support: {
      gather: async () => ({ ok: true, value: await support.bundles.gather() }),
      save: (request) => support.bundles.save(request),
      notices: (request) => support.notices.read(request),
    },
    lock: {
      screen: () => ({ ok: true, value: screen.state() }),
      copied: async (request) => (await opened()?.copies.copied(request)) ?? locked,
      lease: () => (opened() ? { ok: true, value: lease() } : locked),
    },
    drafts: {
      keep: async (request) => (await opened()?.drafts.keep(request)) ?? locked,
      drop: async (request) => (await opened()?.drafts.drop(request)) ?? locked,
      ofPatient: async (request) => (await opened()?.drafts.ofPatient(request)) ?? locked,
      open: async (request) => (await opened()?.drafts.open(request)) ?? locked,
      list: async () => (await opened()?.drafts.list({})) ?? locked,
      flushed() {
        flushed();
        return done;
      },
    },
    audit: {
      status: () => ({ ok: true, value: audit.status() }),
      async offers(request) {
        const review = opened()?.review;
        return review ? { ok: true, value: await review.offers(request) } : locked;
      },
      alarms: async (request) => (await opened()?.review.alarms(request)) ?? locked,
      evidence: async (request) => (await opened()?.review.evidence(request)) ?? locked,
      markFalse: async (request) => (await opened()?.review.markFalse(request)) ?? locked,
      accesses: async (request) => (await opened()?.review.accesses(request)) ?? locked,
      integrity: async () => (await opened()?.review.integrity()) ?? locked,
      verify: async () => (await opened()?.review.verify()) ?? locked,
      async stopVerifying() {
        await opened()?.review.stopVerifying();
        return done;
      },
    },
    sealed: {
      reveal: async (request) => (await opened()?.fields.revealField(request)) ?? locked,
      revealConflict: async (request) => (await opened()?.fields.revealConflict(request)) ?? locked,
    },
    downtime: {
      state: async (request) => (await opened()?.downtime.state(request)) ?? locked,
      make: async (request) => (await opened()?.downtime.make(request)) ?? locked,
      cancel: async (request) => (await opened()?.downtime.cancel(request)) ?? locked,
      open: async (request) => (await opened()?.downtime.open(request)) ?? locked,
      close: async (request) => (await opened()?.downtime.close(request)) ?? locked,
      print: async (request) => (await opened()?.downtime.print(request)) ?? locked,
      saveAs: async (request) => (await opened()?.downtime.saveAs(request)) ?? locked,
      numbers: async (request) => (await opened()?.downtime.numbers(request)) ?? locked,
      printLabel: async (request) => (await opened()?.downtime.printLabel(request)) ?? locked,
      printNumbers: async (request) => (await opened()?.downtime.printNumbers(request)) ?? locked,
    },
    updates: {
      state: () => ({ ok: true, value: updates.state() }),
      async check() {
        await updates.check();
        return done;
      },
      putOff: () => updates.putOff(),
      agree: () => updates.agree(),
      installNow: () => updates.installNow(),
    },
    documents: {
      list: async (request) => (await opened()?.documents.list(request)) ?? locked,
      pick: async (request) => (await opened()?.documents.pick(request)) ?? locked,
      beginPhoto: async (request) => (await opened()?.documents.beginPhoto(request)) ?? locked,
      photoTaken: async (request) => (await opened()?.documents.photoTaken(request)) ?? locked,
      endPhoto: async (request) => (await opened()?.documents.endPhoto(request)) ?? locked,
      scanners: async (request) => (await opened()?.documents.scanners(request)) ?? locked,
      scan: async (request) => (await opened()?.documents.scan(request)) ?? locked,
      cancelScan: async (request) => (await opened()?.documents.cancelScan(request)) ?? locked,
      forget: async (request) => (await opened()?.documents.forget(request)) ?? locked,
      attach: async (request) => (await opened()?.documents.attach(request)) ?? locked,
      transfers: async (request) => (await opened()?.documents.transfers(request)) ?? locked,
      pause: async (request) => (await opened()?.documents.pause(request)) ?? locked,
      resume: async (request) => (await opened()?.documents.resume(request)) ?? locked,
      cancel: async (request) => (await opened()?.documents.cancel(request)) ?? locked,
      move: async (request) => (await opened()?.documents.move(request)) ?? locked,
      open: async (request) => (await opened()?.documents.open(request)) ?? locked,
      cancelOpen: async (request) => (await opened()?.documents.cancelOpen(request)) ?? locked,
      close: async (request) => (await opened()?.documents.close(request)) ?? locked,
      saveAs: async (request) => (await opened()?.documents.saveAs(request)) ?? locked,
      openWith: async (request) => (await opened()?.documents.openWith(request)) ?? locked,
    },
  };
}
