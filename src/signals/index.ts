import { readAlertmanager, signalsOf } from './alertmanager/index.ts';

/** Every door by name, equal to the folders beside this file (a test compares them). */
export const doors = { alertmanager: { read: readAlertmanager, signals: signalsOf } } as const;
