import { afterEach, describe, expect, it } from 'vitest';
import { judgeApproval } from '../../src/deliver/approval.ts';
import { approversWith, teamsOf } from '../../src/deliver/teams.ts';
import type { Forge } from '../../src/forges/forge.ts';
import { openGiteaForge } from '../../src/forges/gitea/index.ts';
import { openGithubForge } from '../../src/forges/github/index.ts';
import { startGitea } from '../../simulators/gitea/index.ts';
import { startGithub } from '../../simulators/github/index.ts';
import { planRecord } from '../records/examples.ts';
import { before, type Merged, mergedAs, oneApprover, treeWith, twoApprovers } from '../support/deliver-fakes.ts';
import { testClock } from '../support/test-clock.ts';

const plan = planRecord({ shownAt: before(600), expiresAt: before(-3600) });
const named = (approvers: string, policies = oneApprover) => {
  const { tree } = treeWith({ policies });
  const gitmend = (tree.get('gitmend.yaml') ?? '').replace('[ann, ben, cid]', `[${approvers}]`);
  return treeWith({ policies, gitmend });
};

/** Teams of a forge that tells of those and of no other. */
const forgeWith = (teams: { [team: string]: string[] }): Pick<Forge, 'inTeam' | 'self'> => ({
  self: 'gitmend',
  inTeam: async (team, account) => teams[team]?.includes(account),
});

async function judge(merged: Merged, inTeam: Forge['inTeam']) {
  const { ground, rules, unit } = mergedAs(merged);
  return judgeApproval({ ...ground, forge: { ...ground.forge, inTeam } }, rules, unit);
}

const ops = forgeWith({ 'ops/admins': ['ben', 'cid', 'gitmend'] }).inTeam;

describe('a merge by somebody whom only a team names', () => {
  it('approves where the forge says that they are in it', async () => {
    const rules = named('team:ops/admins');
    expect(await judge({ plans: [plan], rules }, ops)).toMatchObject({ approved: true, approvedBy: ['ben'] });
  });

  it('does not approve where they are not, nor where gitmend itself is', async () => {
    const rules = named('ann, team:ops/admins');
    for (const mergedBy of ['dan', 'gitmend']) {
      const judged = await judge({ plans: [plan], rules, pr: { mergedBy } }, ops);
      expect(judged).toMatchObject({
        state: 'unapproved',
        why: expect.stringContaining(`merged by ${mergedBy}`) as string,
      });
    }
  });

  it('is refused with the reason where the forge tells of no team', async () => {
    const judged = await judge({ plans: [plan], rules: named('team:ops/admins') }, async () => undefined);
    expect(judged).toMatchObject({
      state: 'stopped',
      reason: 'refused',
      why: expect.stringContaining('the forge does not tell gitmend who is in it') as string,
    });
  });

  it('counts different members among several, and not the author', async () => {
    const rules = named('team:ops/admins', twoApprovers);
    const by = (author: string) =>
      judge({ plans: [plan], rules, pr: { author }, reviews: [{ author: 'cid' }, { author: 'ben' }] }, ops);
    expect(await by('ann')).toMatchObject({ approved: true, approvedBy: ['ben', 'cid'] });
    expect(await by('cid')).toMatchObject({ approved: false, why: expect.stringContaining('1 of the 2') as string });
  });
});

describe('looking up who is in the teams', () => {
  it('asks nothing where no team is named', async () => {
    const inTeam = async () => Promise.reject(new Error('nobody shall be asked'));
    expect((await teamsOf({ self: 'gitmend', inTeam }, treeWith(), ['ann'])).size).toBe(0);
  });

  it('is not taken for a no when the forge does not answer', async () => {
    const inTeam = async () => Promise.reject(new Error('no answer'));
    await expect(teamsOf({ self: 'gitmend', inTeam }, named('team:ops/admins'), ['ann'])).rejects.toThrow('no answer');
  });

  it('names a member as an approver for commands, and nobody else', async () => {
    const rules = named('ann, team:ops/admins');
    const forge = forgeWith({ 'ops/admins': ['ben'] });
    expect(await approversWith(forge, rules, 'ben')).toEqual(['ann', 'team:ops/admins', 'ben']);
    expect(await approversWith(forge, rules, 'dan')).toEqual(['ann', 'team:ops/admins']);
  });
});

describe('teams of a forge', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  const rules = named('team:ops/admins, team:ops/nobody');
  const expected = new Map([['ops/admins', new Set(['ann'])]]);
  const files = new Map([['README.md', 'infrastructure\n']]);
  const clock = testClock();

  it('are those of Gitea, as far as its token tells', async () => {
    const gitea = await startGitea({ files, clock });
    closing.push(() => gitea.close());
    const { url, repository } = gitea;
    gitea.world.teams.push({ id: 7, name: 'admins', members: ['ann'] });
    for (const login of ['ann', 'ben']) gitea.token(login);
    const forge = await openGiteaForge({ url, repository, token: gitea.token('gitmend'), clock });
    expect(await teamsOf(forge, rules, ['ann', 'ben'])).toEqual(expected);
  });

  it('are those of GitHub, as far as its token tells', async () => {
    const github = await startGithub({ files, clock });
    closing.push(() => github.close());
    github.world.teams.push({ org: 'ops', slug: 'admins', members: ['ann'] });
    for (const login of ['ann', 'ben']) github.token(login);
    const { url, repository } = github;
    const forge = await openGithubForge({ url, repository, identity: { token: github.token('gitmend') }, clock });
    expect(await teamsOf(forge, rules, ['ann', 'ben'])).toEqual(expected);
  });
});
