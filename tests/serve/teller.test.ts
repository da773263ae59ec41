import { describe, expect, it } from 'vitest';
import type { NotifyConfig } from '../../src/core/config.ts';
import { openTeller } from '../../src/serve/teller.ts';
import type { Picture } from '../../src/web/view/picture.ts';
import { emptyFile, opened } from '../store/engines.ts';
import { testClock } from '../support/test-clock.ts';
import { picture, truthWith } from '../web/view/pictures.ts';

const webhook: NotifyConfig = { kind: 'webhook', url: 'https://phone.home.lan/hook' };
const unset = { kind: 'webhook', url: { env: 'GITMEND_UNSET' } } as unknown as NotifyConfig;

/** Something that needs a person, under rules of this commit that name these destinations. */
function asked(commit: string, notify: readonly NotifyConfig[], letter: number): Picture {
  const truth = truthWith({});
  const config = { approvers: ['maintainer'], notify } as unknown as NonNullable<typeof truth.rules.config>;
  const dead = [{ seq: letter, door: 'alertmanager', why: 'INTERNAL: a bug', at: '2026-11-20T03:30:00Z' }];
  return picture({ truth: { ...truth, rules: { ...truth.rules, commit, config } }, dead });
}

async function standing(configured: readonly NotifyConfig[]) {
  const clock = testClock();
  const store = await opened({ ...(await emptyFile()), clock });
  const logged: unknown[] = [];
  const open = () =>
    openTeller({
      deps: { outbox: store.outbox, env: {}, holder: 'one', secrets: [] },
      ...{ page: 'https://gitmend.home.lan', configured, now: () => clock.now() },
      log: (event, details, level) => logged.push([event, details?.['code'], level]),
    });
  const waiting = async () => (await store.outbox.counts()).waiting;
  return { open, logged, waiting };
}

describe('who tells people', () => {
  it('does not start with a destination that it cannot use', async () => {
    const { open } = await standing([unset]);
    expect(open).toThrow(expect.objectContaining({ code: 'ENV_MISSING' }));
  });

  it('tells each thing once, by the rules in force', async () => {
    const { open, waiting } = await standing([]);
    const teller = open();
    await teller.tell(asked('a', [], 1));
    expect(await waiting()).toBe(0);
    for (let pass = 0; pass < 2; pass += 1) await teller.tell(asked('b', [webhook], 1));
    expect(await waiting()).toBe(1);
    await teller.tell(asked('b', [webhook], 2));
    expect(await waiting()).toBe(2);
  });

  it('goes on as before under rules that it cannot use, says so once, and follows the next ones', async () => {
    const { open, waiting, logged } = await standing([webhook]);
    const teller = open();
    for (let pass = 0; pass < 3; pass += 1) await teller.tell(asked('bad', [unset], 1));
    expect(logged).toEqual([['notify-unusable', 'ENV_MISSING', 'error']]);
    expect(await waiting()).toBe(1);
    await teller.tell(asked('none', [], 2));
    expect(await waiting()).toBe(1);
  });
});
