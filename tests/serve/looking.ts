import type { Healed } from '../../src/pipeline/heal.ts';
import { type InboxWorker, workInbox } from '../../src/serve/inbox-worker.ts';
import { openMetrics } from '../../src/serve/metrics.ts';
import type { Store } from '../../src/store/index.ts';
import { emptyFile, opened } from '../store/engines.ts';
import { testClock, type TestClock } from '../support/test-clock.ts';

/** The worker of an inbox without anything that heals: what a look gives is what the test says. */
export interface Looking {
  store: Store;
  clock: TestClock;
  /** Event and details of each line. */
  logged: { event: string; [detail: string]: unknown }[];
  /** What each look was given, by the number of its payloads. */
  looks: number[];
  unsettled: InboxWorker['unsettled'];
  accept: (id: string, payload?: string) => Promise<unknown>;
  /** Takes and heals once; how many deliveries that were. */
  look: (heal?: InboxWorker['heal'], inbox?: Partial<Store['inbox']>) => Promise<number>;
  /** Value of one sample of /metrics; 0 where there is none. */
  sample: (name: string) => Promise<number>;
}

/** A payload that holds that many alerts, and that many letters besides. */
export function payloadOf(alerts = 1, letters = 0): string {
  return JSON.stringify({ alerts: Array.from({ length: alerts }, () => ({})), filling: 'x'.repeat(letters) });
}

export async function looking(): Promise<Looking> {
  const clock = testClock();
  const store = await opened({ ...(await emptyFile()), clock });
  const metrics = openMetrics();
  const logged: Looking['logged'] = [];
  const looks: number[] = [];
  const unsettled: InboxWorker['unsettled'] = [];
  const log: InboxWorker['log'] = (event, details) => void logged.push({ event, ...details });
  const common = { clock, metrics, holder: 'one', log, unsettled, healed: () => undefined };
  return {
    ...{ store, clock, logged, looks, unsettled },
    accept: (id, payload = payloadOf()) =>
      store.inbox.accept({ door: 'alertmanager', id, payload, receivedAt: clock.now() }),
    look: (heal = async () => [], inbox = {}) =>
      workInbox({
        ...common,
        inbox: { ...store.inbox, ...inbox },
        heal: async (payloads): Promise<Healed[]> => {
          looks.push(payloads.length);
          return heal(payloads);
        },
      }),
    sample: async (name) => {
      const { text } = await metrics.print();
      const line = text.split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    },
  };
}
