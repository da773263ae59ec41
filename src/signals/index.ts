import { readAlertmanager, signalsOf } from './alertmanager/index.ts';
import { requests } from './request/index.ts';

/** Every door by name, equal to the folders beside this file (a test compares them). */
export const doors = {
  alertmanager: { read: readAlertmanager, signals: signalsOf },
  request: { signals: requests },
} as const;
