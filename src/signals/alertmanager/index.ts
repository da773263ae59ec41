export type { DeliveredAlert, Delivery } from './delivery.ts';
export { alertsIn, mergeDeliveries, mostAlerts } from './merge.ts';
export { type ReadDelivery, readAlertmanager, type ReadOptions } from './read.ts';
export { type Signals, signalsOf } from './signals.ts';
