import { join } from 'node:path';
import type { HealthReport } from '../../preload/contract/health.ts';
import { settingsList } from '../managed/list.ts';
import type { Managed } from '../managed/managed.ts';
import { settingIn } from '../managed/paths.ts';
import { logFiles } from '../shell/log.ts';
import { bundleContents } from '../support/contents.ts';
import { readCrashes } from '../support/crashes.ts';
import { readLog } from '../support/log-lines.ts';
import { toldSetting } from '../support/policy-values.ts';

/** What a support bundle says, given how everything stands. */
export const contentsOf = (data: string, managed: Managed, report: () => Promise<HealthReport>) =>
  bundleContents({
    report,
    settings() {
      const decided = new Set(managed.keys());
      return settingsList.map((one) => toldSetting(one, settingIn(managed.policy, one.key), decided.has(one.key)));
    },
    crashes: () => readCrashes(data),
    log: () => readLog(logFiles(join(data, 'logs'))),
  });
