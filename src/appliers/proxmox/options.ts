import {
  type GuestConfig,
  type ProxmoxClient,
  locateGuest,
  readConfig,
  type SeenGuest,
} from '../../clients/proxmox/index.ts';
import { liveValue } from '../../core/guest.ts';
import type { Json } from '../../core/json.ts';
import type { LifeActionOf } from '../../core/life-action.ts';
import type { Preview } from '../../core/plan.ts';
import type { Step } from '../../core/step.ts';
import type { GuestTarget } from '../../core/target.ts';
import { printChange } from '../../texts/words.ts';
import type { EffectToken, Observed } from '../applier.ts';
import { afterWrite, refuseLocked, refuseMoved } from './unsent.ts';

export type OptionAction = LifeActionOf<'tag-guest' | 'protect-guest'>;

/** Whether the option is as the step leaves it, as it was before, or as somebody else set it. */
export function observeOption({ before, after, name }: Step, { guest }: SeenGuest): Observed {
  const [field = '', wanted] = Object.entries(after)[0] ?? [];
  const now = liveValue(guest, field);
  const saw = `${field} of ${name} is ${words(now)} on ${guest.node}`;
  if (now === wanted) return { state: 'done', saw, live: guest };
  if (now === before[field]) return { state: 'not-done', saw: `${saw}, as before`, live: guest };
  return {
    state: 'unknown',
    saw: `${saw}, no longer the ${words(before[field])} that this plan started from`,
    live: guest,
  };
}

/** Any guest takes these at once, running or not, a template too. */
export function previewOption(step: Step, seen: SeenGuest): Preview {
  const { guest, pending } = seen;
  const [field = '', was] = Object.entries(step.before)[0] ?? [];
  const now = liveValue(guest, field);
  const against = [
    ...(guest.lock === undefined ? [] : [`locked (${guest.lock})`]),
    ...(now === was ? [] : [`${field} is ${words(now)} on ${guest.node}, no longer ${words(was)}`]),
    ...pending
      .filter(({ key }) => key === field)
      .map(({ key }) => `another value of ${key} waits for a restart on ${guest.node} and did not come from here`),
  ];
  if (against.length > 0) return { accepted: false, notes: against };
  return { accepted: true, notes: ['not locked', 'config unchanged since it was read'] };
}

/** `PUT …/config` with this one option and the digest of what was observed. Returns the digest after it. */
export async function applyOption(
  client: ProxmoxClient,
  target: GuestTarget,
  action: OptionAction,
  token: EffectToken,
): Promise<string> {
  const place = { ...target, node: await locateGuest(client, target) };
  const config: GuestConfig = await readConfig(client, place);
  refuseLocked(target, config.lock);
  refuseMoved(target, config.digest, token);
  const guest = client.api.nodes.$(place.node)[place.type].$(place.vmid);
  await guest.config.$put({ ...parametersOf(action), digest: config.digest });
  return afterWrite(() => readConfig(client, place).then((after) => after.digest));
}

/** An empty list of tags is none: the key goes. */
function parametersOf(action: OptionAction): { tags: string } | { protection: boolean } | { delete: string } {
  if (action.kind === 'protect-guest') return { protection: action.protection };
  return action.tags.length === 0 ? { delete: 'tags' } : { tags: action.tags.join(';') };
}

function words(value: Json | undefined): string {
  return printChange('', null, value).replace(/^.*→ /, '');
}
