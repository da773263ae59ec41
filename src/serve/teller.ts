import type { NotifyConfig } from '../core/config.ts';
import { isGitmendError } from '../core/errors.ts';
import { notifier, type Notifier, type NotifierDeps } from '../notify/index.ts';
import type { Picture } from '../web/view/picture.ts';
import type { ServeLog } from './log.ts';
import { noticesOf } from './notices.ts';

/** Tells people what needs them, by what the rules in force name. */
export interface Teller {
  /** Puts what is new in the picture into the outbox. */
  tell(picture: Picture): Promise<void>;
  /** Sends what is due. */
  send(): Promise<void>;
}

export interface TellerSetup {
  deps: Omit<NotifierDeps, 'log'>;
  /** The origin that links lead to. */
  page: string;
  now: () => number;
  log: ServeLog;
  /** The clone's own: a destination that cannot be used as it is stops the start. */
  configured: readonly NotifyConfig[];
}

/** Throws ENV_MISSING and CONFIG_INVALID for what `notify:` names and cannot be used. */
export function openTeller({ deps, page, now, log, configured }: TellerSetup): Teller {
  const open = (configs: readonly NotifyConfig[]) =>
    notifier(configs, { ...deps, log: (event, details) => log(event, details) });
  let current: { rules: string; notifier: Notifier } = { rules: '', notifier: open(configured) };
  // Rules that name a destination whose variable this process was not given: said once, and the old ones stay.
  const follow = ({ truth }: Picture): void => {
    if (truth?.rules.config === undefined || truth.rules.commit === current.rules) return;
    try {
      current = { rules: truth.rules.commit, notifier: open(truth.rules.config.notify) };
    } catch (error) {
      if (!isGitmendError(error)) throw error;
      current = { ...current, rules: truth.rules.commit };
      log('notify-unusable', { code: error.code, message: error.message }, 'error');
    }
  };
  return {
    tell: async (picture) => {
      follow(picture);
      for (const notice of noticesOf(picture, page, now())) await current.notifier.notify(notice);
    },
    send: async () => {
      await current.notifier.send();
    },
  };
}
