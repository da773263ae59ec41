import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { GitmendError } from '../../src/core/errors.ts';
import type { Ground } from '../../src/deliver/world.ts';
import type { Forge } from '../../src/forges/forge.ts';
import { firstPicture } from '../../src/serve/first-picture.ts';
import { glances } from '../../src/serve/glances.ts';
import { openMetrics } from '../../src/serve/metrics.ts';
import type { Picture } from '../../src/web/view/picture.ts';
import { emptyFile, opened } from '../store/engines.ts';
import { standingDoor } from './door/standing-door.ts';
import { type Home, openHome } from '../support/memory-home.ts';
import { random } from '../support/random.ts';

vi.mock('../../src/clients/proxmox/transport.ts', async () => ({
  exchange: (await import('../support/direct-pve.ts')).exchangeDirectly,
}));

/** Service and people of a home in memory; `asked` is what the forge was asked that says which were looked at. */
async function service(kind: Forge['kind'] = 'local', rules: (text: string) => string = (text) => text) {
  const home = await openHome(random(1));
  await home.push('main', { 'gitmend.yaml': rules });
  const ground = home.begin('read', home.computers[0] ?? home.random.pick(home.computers));
  const asked: string[] = [];
  const [state, log] = [{ crowded: false, away: false, slow: 0 }, [] as string[]];
  const forge = overheard(ground, home, kind, asked, state);
  let picture: Picture = firstPicture(home.clock.now());
  const store = await opened({ ...(await emptyFile()), clock: home.clock });
  const look = glances({
    ground: { ...ground, forge },
    store,
    metrics: openMetrics(),
    log: (event) => void log.push(event),
    clock: home.clock,
    crowded: () => state.crowded,
    take: () => picture,
    put: (next) => (picture = next),
    // Over a network the mirror itself is brought up to date.
    ...(kind === 'local' ? { refs: () => home.reader.fetch().then(() => home.reader.refs('refs/')) } : {}),
  });
  const pass = async () => {
    asked.length = 0;
    await look.pass();
    return [...asked];
  };
  // First contact writes what it adopts, which is looked at once more.
  while ((await pass()).length > 0);
  const numbers = () => picture.open.map(({ pr, plan }) => `#${pr.number} ${plan?.head === pr.head ? 'planned' : ''}`);
  return {
    home,
    look,
    store,
    repo: ground.repo,
    state,
    log,
    pass,
    again: look.again,
    picture: () => picture,
    show: (next: Picture) => void (picture = next),
    self: forge.self,
    numbers,
  };
}

/** Tells what changed as a forge does: by what a pull request looks like. */
function overheard(
  { forge }: Ground,
  home: Home,
  kind: Forge['kind'],
  asked: string[],
  state: { away: boolean; slow: number },
): Forge {
  let seen = new Map<number, string>();
  return {
    ...forge,
    kind,
    async changedSince() {
      if (state.away) throw new GitmendError('FORGE_FAILED', 'the forge is being restarted');
      const all = await home.person.pullRequests({ state: 'all' });
      const now = new Map(all.map((pr) => [pr.number, `${pr.state} ${pr.head}`]));
      const numbers = [...now.keys()].filter((number) => seen.get(number) !== now.get(number));
      seen = now;
      return { numbers, cursor: [...now.values()].join() };
    },
    async pullRequests(options) {
      if (state.away) throw new GitmendError('FORGE_FAILED', 'the forge is being restarted');
      if (options.branch === undefined) asked.push(options.state);
      home.clock.advance(state.slow);
      return forge.pullRequests(options);
    },
    async pullRequest(number) {
      asked.push(`#${number}`);
      return forge.pullRequest(number);
    },
    async ensureStatus(commit, status) {
      if (status.context === 'gitmend/plan') asked.push(status.description);
      return forge.ensureStatus(commit, status);
    },
  };
}

const everything = ['open', 'all'];

describe('a look of the service', () => {
  let one: Awaited<ReturnType<typeof service>>;
  beforeEach(async () => {
    one = await service();
  });

  async function propose(branch: string, memory: number): Promise<void> {
    const edit = (text: string) => text.replace(/^memory: \d+/m, `memory: ${memory}`);
    await one.home.push(branch, { 'guests/postgres.yaml': edit });
    await one.home.person.ensurePullRequest({ branch, base: 'main', title: branch, body: '', labels: [] });
  }

  it('plans nothing while nothing moves', async () => {
    expect(await one.pass()).toEqual([]);
  });

  it('plans what was opened, and asks for that one alone', async () => {
    await propose('more', 6144);
    expect(await one.pass()).toEqual(['#1', 'being planned', '1 change']);
    expect(one.numbers()).toEqual(['#1 planned']);
    // Its own writes are no reason to look again.
    expect(await one.pass()).toEqual([]);
  });

  it('keeps the others in the picture, and takes out what was closed', async () => {
    await propose('more', 6144);
    await one.pass();
    await propose('even-more', 7168);
    await one.pass();
    expect(one.numbers()).toEqual(['#1 planned', '#2 planned']);
    await one.home.person.close(1, 'no');
    expect(await one.pass()).toEqual(['#1']);
    expect(one.numbers()).toEqual(['#2 planned']);
    expect(one.picture().past.map(({ number }) => number)).toEqual([1]);
  });

  it('plans everything when the default branch moved', async () => {
    await propose('more', 6144);
    await one.pass();
    await one.home.push('main', { 'README.md': () => 'moved\n' });
    expect(await one.pass()).toEqual(expect.arrayContaining(everything));
  });

  it('plans everything when it is time, and not before', async () => {
    one.home.clock.advance(19_999);
    expect(await one.pass()).toEqual([]);
    one.home.clock.advance(1);
    expect(await one.pass()).toEqual(everything);
    expect(await one.pass()).toEqual([]);
  });

  it('plans everything when it is asked to', async () => {
    one.again();
    expect(await one.pass()).toEqual(everything);
    expect(await one.pass()).toEqual([]);
  });

  it('takes no more than a part of the time for everything, however many are open', async () => {
    one.state.slow = 15_000;
    one.again();
    expect(await one.pass()).toEqual(everything);
    one.home.clock.advance(299_999);
    expect(await one.pass()).toEqual([]);
    one.home.clock.advance(1);
    expect(await one.pass()).toEqual(everything);
  });

  it('leaves in a storm what moved until it is time or the storm is over', async () => {
    one.state.crowded = true;
    await propose('more', 6144);
    expect(await one.pass()).toEqual([]);
    expect(await one.pass()).toEqual([]);
    one.state.crowded = false;
    expect(await one.pass()).toEqual(['#1', 'being planned', '1 change']);
    one.state.crowded = true;
    one.home.clock.advance(20_000);
    expect(await one.pass()).toEqual(expect.arrayContaining(everything));
  });

  it('says what is amiss when the forge goes away, does not ask at every look, and plans when it is back', async () => {
    one.state.away = true;
    await one.pass();
    expect(one.picture().problem).toMatchObject({ code: 'FORGE_FAILED' });
    const { at } = one.picture().problem ?? {};
    one.home.clock.advance(5_000);
    await one.pass();
    expect(one.picture().problem?.at).toBe(at);
    one.state.away = false;
    expect(await one.pass()).toEqual(everything);
    expect(one.picture().problem).toBeUndefined();
    expect(one.log).toEqual(['planning-failed']);
  });
});

it('on a forge that is elsewhere it is said once that it was noticed, beside the planning, and everything is fetched once', async () => {
  const one = await service('gitea');
  await one.home.push('more', { 'guests/postgres.yaml': (text) => text.replace(/^memory: \d+/m, 'memory: 6144') });
  await one.home.person.ensurePullRequest({ branch: 'more', base: 'main', title: 'more', body: '', labels: [] });
  const fetches = vi.spyOn(one.repo, 'fetch');
  const asked = await one.pass();
  expect(asked.toSorted()).toEqual(['#1', '#1', '1 change', 'being planned']);
  expect(asked.indexOf('being planned')).toBeLessThan(asked.indexOf('1 change'));
  expect(fetches).toHaveBeenCalledTimes(1);
  expect(one.numbers()).toEqual(['#1 planned']);
});

it('plans what was opened though its event was taken by a process that died before it looked', async () => {
  const one = await service('gitea');
  await one.home.push('more', { 'guests/postgres.yaml': (text) => text.replace(/^memory: \d+/m, 'memory: 6144') });
  await one.home.person.ensurePullRequest({ branch: 'more', base: 'main', title: 'more', body: '', labels: [] });
  const secret = 'a-secret-of-the-web-hook';
  const body = JSON.stringify({ action: 'opened', number: 1 });
  const proof = createHmac('sha256', secret).update(body).digest('hex');
  await one.store.heard.take({ door: 'gitea', id: 'of-the-dead', proof });
  const door = await standingDoor({ giteaSecret: secret, heard: one.store.heard });
  const headers = { 'x-gitea-signature': proof, 'x-gitea-event': 'pull_request', 'x-gitea-delivery': 'of-the-dead' };
  const answer = await fetch(`${door.url}/signals/gitea`, { method: 'POST', body, headers });
  expect([await answer.text(), door.wakened.times]).toEqual(['taken already\n', 0]);
  // The poll, 15 s later at most.
  await one.pass();
  expect(one.numbers()).toEqual(['#1 planned']);
});

it('the end of a check, its own too, is no reason to plan everything: only what gitmend merges by itself waits for it', async () => {
  const one = await service('gitea');
  await one.home.push('more', { 'guests/postgres.yaml': (text) => text.replace(/^memory: \d+/m, 'memory: 6144') });
  await one.home.person.ensurePullRequest({ branch: 'more', base: 'main', title: 'more', body: '', labels: [] });
  await one.pass();
  one.look.checks();
  expect(await one.pass()).toEqual([]);
  const [open] = one.picture().open;
  if (open?.plan === undefined) throw new Error('it is not planned');
  const { policy } = open.plan;
  const plan = { ...open.plan, policy: { ...policy, level: 'auto' as const } };
  const own = { ...open, pr: { ...open.pr, author: one.self }, plan };
  const shown = async (of: typeof own) => {
    one.show({ ...one.picture(), open: [of] });
    one.look.checks();
    return one.pass();
  };
  expect(await shown(own)).toContain('#1');
  expect(await shown({ ...own, plan: { ...plan, head: 'another' } })).toEqual([]);
  expect(await shown({ ...own, pr: { ...own.pr, author: 'somebody' } })).toEqual([]);
  expect(await shown({ ...own, pr: { ...own.pr, draft: true } })).toEqual([]);
  const person = { ...plan, policy: { ...plan.policy, personMerges: 'choice' as const } };
  expect(await shown({ ...own, plan: person })).toEqual([]);
});

it('with CI as the runner the job says that, and the service plans nothing', async () => {
  const one = await service('gitea', (text) => text.replace('runner: builtin', 'runner: ci'));
  await one.home.push('more', { 'guests/postgres.yaml': (text) => text.replace(/^memory: \d+/m, 'memory: 6144') });
  await one.home.person.ensurePullRequest({ branch: 'more', base: 'main', title: 'more', body: '', labels: [] });
  expect(await one.pass()).toEqual(['#1']);
  expect(one.numbers()).toEqual(['#1 ']);
});
