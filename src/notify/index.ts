import type { NotifyConfig } from '../core/config.ts';
import { destinationOf, secretsOf, type Destination, type Env } from './destination.ts';
import { sendMail } from './mail.ts';
import { presentable, type Notice } from './notice.ts';
import { sendNtfy } from './ntfy.ts';
import { redactor } from './redact.ts';
import { sendWebhook } from './webhook.ts';

export type { Notice } from './notice.ts';

/** What is used of the store's outbox. */
export interface NoticeBox {
  enqueue(what: { key: string; kind: string; body: { [name: string]: string } }): Promise<'enqueued' | 'known'>;
  takeDue(seconds: number, holder: string, kinds: readonly string[]): Promise<Waiting | undefined>;
  sent(what: Waiting): Promise<boolean>;
  failed(what: Waiting, why: string): Promise<'waiting' | 'dead' | 'lost'>;
}

interface Waiting {
  seq: number;
  take: number;
  attempt: number;
  key: string;
  body: unknown;
}

export interface NotifierDeps {
  outbox: NoticeBox;
  env: Env;
  /** `host:pid`. */
  holder: string;
  /** Values that must never leave, beside those that `notify` itself names. */
  secrets: readonly string[];
  log: (event: string, details: { [key: string]: unknown }) => void;
  /** Milliseconds that a destination is waited for; 10 s unless told. */
  patience?: number;
}

export interface Notifier {
  /**
   * Puts it into the outbox, once for every destination; durable when it returns. `known`: this key was told before, or
   * there is nobody to tell. Throws STORE_… .
   */
  notify: (notice: Notice) => Promise<'enqueued' | 'known'>;
  /**
   * Sends what is due and returns how many arrived; what does not arrive waits longer every time, and is dead and shown
   * in the end. To be called after `notify`, and every few seconds. Throws STORE_… .
   */
  send: () => Promise<number>;
}

const outboxKind = 'notify';
/** Seconds that one sending may take before another replica tries: far longer than a destination is waited for. */
const lease = 120;

/** Tells people what needs them. Throws ENV_MISSING and CONFIG_INVALID for destinations that cannot be used as they are. */
export function notifier(configs: readonly NotifyConfig[], deps: NotifierDeps): Notifier {
  const destinations = configs.map((config) => destinationOf(config, deps.env));
  const redact = redactor([...deps.secrets, ...secretsOf(configs, deps.env)]);
  return {
    notify: async (notice) => {
      const body = { ...presentable(notice, redact) };
      const answers = await Promise.all(
        destinations.map(({ id }) =>
          deps.outbox.enqueue({ key: `${id}/${body.key}`, kind: outboxKind, body: { ...body, destination: id } }),
        ),
      );
      return answers.includes('enqueued') ? 'enqueued' : 'known';
    },
    send: async () => {
      let arrived = 0;
      for (;;) {
        const next = await deps.outbox.takeDue(lease, deps.holder, [outboxKind]);
        if (next === undefined) return arrived;
        if (await deliver(next, destinations, redact, deps)) arrived += 1;
      }
    },
  };
}

async function deliver(
  waiting: Waiting,
  destinations: readonly Destination[],
  redact: (text: string) => string,
  { outbox, log, patience = 10_000 }: NotifierDeps,
): Promise<boolean> {
  const { destination: id, ...notice } = waiting.body as Notice & { destination: string };
  const to = destinations.find((candidate) => candidate.id === id);
  if (to === undefined) {
    log('notice-dropped', { key: notice.key, why: 'gitmend.yaml no longer names its destination' });
    await outbox.sent(waiting);
    return false;
  }
  try {
    await sendTo(to, notice, patience);
  } catch (error) {
    const why = redact(error instanceof Error ? error.message : String(error)).slice(0, 500);
    const state = await outbox.failed(waiting, `${to.name}: ${why}`);
    log('notice-failed', { key: notice.key, destination: to.name, attempt: waiting.attempt, state, why });
    return false;
  }
  await outbox.sent(waiting);
  log('notice-sent', { key: notice.key, destination: to.name });
  return true;
}

function sendTo(to: Destination, notice: Notice, patience: number): Promise<void> {
  switch (to.kind) {
    case 'webhook':
      return sendWebhook(to, notice, patience);
    case 'ntfy':
      return sendNtfy(to, notice, patience);
    case 'mail':
      return sendMail(to, notice, patience);
  }
}
