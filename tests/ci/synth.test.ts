import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ciOn, pullRequestEvent } from '../../demo/ci-bot.ts';
import type { CiRan, RunStep } from '../../demo/ci-runner.ts';
import type { PersonForge } from '../../demo/home.ts';
import type { Lab } from '../../demo/lab.ts';
import { openByHand, pushEdit } from '../../demo/story.ts';
import type { Gitea } from '../../simulators/gitea/index.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { needs } from '../support/needs.ts';
import { testClock } from '../support/test-clock.ts';
import { openCi, stepIn } from './in-process.ts';

type Opened = Awaited<ReturnType<typeof openCi.gitea>>;

// What runs it says so in the file system of the machine, where it can.
const said = 'the stack code of the pull request ran';

describe.skipIf(!needs('bwrap'))('stack code of a pull request, with runner: ci', () => {
  const clock = testClock();
  let at: Opened;
  let lab: Lab<PersonForge>;
  let gitea: Gitea;
  let stage: Parameters<typeof openByHand>[0];
  /** What each step was, with the file that it left or found. */
  let steps: { script: string; env: { [name: string]: string }; file: string }[] = [];

  beforeAll(async () => {
    at = await openCi.gitea({ clock, trouble: memoryShort });
    ({ lab, server: gitea } = at);
    stage = { lab, bot: undefined as never, say: () => undefined, another: undefined as never };
    await pushEdit(
      stage,
      'main',
      { 'gitmend.yaml': (text) => `${text}\nterraform:\n  stackCode: sandbox\n` },
      'asks for it',
    );
  });
  afterAll(async () => {
    await lab.end();
    await rm(lab.folder, { recursive: true, force: true });
  });

  const step: RunStep = async (script, env) => {
    const ended = await stepIn(clock)(script, env);
    const file = await readFile(join(env['RUNNER_TEMP'] ?? '', 'synthesized.json'), 'utf8').catch(() => '');
    steps.push({ script, env, file });
    return ended;
  };
  const open = async (branch: string, edits: Parameters<typeof pushEdit>[2]) =>
    lab.forge.pullRequest(await openByHand(stage, branch, edits, branch));
  const workflow = async (pr: Awaited<ReturnType<typeof open>>, run: RunStep = step): Promise<CiRan> => {
    steps = [];
    const [ran] = await ciOn(lab, at.ci).happens(pullRequestEvent(pr, gitea.repository), run);
    if (ran === undefined) throw new Error('no workflow was started');
    return ran;
  };
  const commentOn = async (number: number) =>
    (await lab.forge.comments(number)).map(({ body }) => body.replaceAll('\\', '')).join('\n');
  const artefact = () => JSON.parse(steps[0]?.file ?? '') as { head: string; result: { stacks: object } | null };

  it('is run in the job that holds nothing, and planned from what that wrote', async () => {
    const pr = await open('words', { 'stacks/main.ts': (text) => `${text}// other words\n` });
    const ran = await workflow(pr);
    expect(ran).toMatchObject({ workflow: 'gitmend-plan.yml', code: 0 });
    expect(ran.said).toContain(`synthesized of ${pr.head.slice(0, 7)}: guests`);
    expect(artefact()).toMatchObject({ version: 1, head: pr.head, result: { ok: true } });
    expect(Object.keys(artefact().result?.stacks ?? {})).toEqual(['guests']);
    expect(await commentOn(pr.number)).toContain('the stacks are the same, byte for byte: stacks/main.ts');
    const [synth, plan] = steps;
    expect(Object.keys(synth?.env ?? {}).filter((name) => /TOKEN|PVE|SECRET/.test(name))).toEqual([]);
    expect(plan?.file).toBe(synth?.file);
  });

  it('that fails is refused with what it said, and the job that plans did not run it', async () => {
    const pr = await open('fails', { 'stacks/main.ts': (text) => `${text}throw new TypeError('${said}');\n` });
    expect((await workflow(pr)).code).toBe(0);
    expect(await commentOn(pr.number)).toContain(`TypeError: ${said}`);
    // Without the file nothing is known of the code, which it would be if it had been run there.
    const other = await open('fails-too', { 'stacks/main.ts': (text) => `${text}throw new TypeError('${said}');\n` });
    await workflow(other, async (script, env) => step(script.replace(/ --synthesized.*/, ''), env));
    expect(await commentOn(other.number)).toContain('synth-refused');
    expect(await commentOn(other.number)).not.toContain(said);
  });

  it('of another head is refused by name, and nothing is said on the pull request', async () => {
    const pr = await open('late', { 'stacks/main.ts': (text) => `${text}// late\n` });
    const ran = await workflow(pr, async (script, env) => {
      if (script.startsWith('gitmend plan')) await edited(env, (file) => ({ ...file, head: 'a'.repeat(40) }));
      return step(script, env);
    });
    expect(ran.code).toBe(1);
    expect(ran.said).toContain(
      `SYNTH_REFUSED: the stacks were synthesized of aaaaaaa, and the pull request is at ${pr.head.slice(0, 7)}`,
    );
    expect(await commentOn(pr.number)).toBe('');
  });

  it.each([
    ['is none', () => ({ stacks: {} }), 'is not what gitmend synth --ci writes'],
    [
      'names a stack like a path',
      (file: object) => ({ ...file, result: { ok: true, stacks: { '../../x': {} } } }),
      'is not what',
    ],
    ['is of other code', (file: object) => ({ ...file, code: `sha256:${'0'.repeat(64)}` }), 'stacks/ is other than'],
    ['is of other data', (file: object) => ({ ...file, data: {} }), 'with other data than what is applied and live'],
  ])('in a file that %s is refused', async (name, forge, words) => {
    const pr = await open(name.replaceAll(' ', '-'), { 'stacks/main.ts': (text) => `${text}// ${name}\n` });
    const ran = await workflow(pr, async (script, env) => {
      if (script.startsWith('gitmend plan')) await edited(env, forge);
      return step(script, env);
    });
    expect(`${ran.said}\n${await commentOn(pr.number)}`).toContain(words);
  });

  it('is judged like every stack: what Terraform would run in a plan is refused', async () => {
    const pr = await open('external', { 'stacks/main.ts': (text) => `${text}// external\n` });
    await workflow(pr, async (script, env) => {
      if (script.startsWith('gitmend plan'))
        await edited(env, (file) => {
          const { result } = file as { result: { ok: true; stacks: { guests: { data?: object } } } };
          result.stacks.guests.data = { external: { x: { program: ['true'] } } };
          return file;
        });
      return step(script, env);
    });
    expect(await commentOn(pr.number)).toMatch(/external/);
  });

  it('is left as it is by a schedule, which says what plans it', async () => {
    const { happens } = ciOn(lab, at.ci);
    const before = await lab.forge.pullRequests({ state: 'open' });
    const comments = await Promise.all(before.map(({ number }) => commentOn(number)));
    const main = { ref: 'refs/heads/main', sha: 'origin/main', workflow: 'gitmend-plan.yml' };
    const [ran] = await happens({ name: 'schedule', payload: {}, ...main }, step);
    expect(ran?.code).toBe(0);
    expect(ran?.said).toContain('changes stack code: the workflow of the pull request plans it, with its job synth');
    expect(await Promise.all(before.map(({ number }) => commentOn(number)))).toEqual(comments);
  });

  it('is not run for a fork, by a job whose author left out to ask', async () => {
    const pr = await open('forked', { 'stacks/main.ts': (text) => `${text}throw new TypeError('${said}');\n` });
    const ran = await workflow(pr, async (script, env) => {
      const path = env['GITHUB_EVENT_PATH'] ?? '';
      const event = JSON.parse(await readFile(path, 'utf8')) as { pull_request: { head: { repo: object | null } } };
      event.pull_request.head.repo = null;
      await writeFile(path, JSON.stringify(event));
      return step(script, env);
    });
    expect(ran.said).toContain('nothing was run: it comes from a fork');
    expect(artefact().result).toBeNull();
    await lab.forge.close(pr.number, 'Not from a stranger.');
  });

  it('runs nothing where stacks/ is the same', async () => {
    const data = await open('data', { 'guests/postgres.yaml': (text) => text.replace('memory: 2048', 'memory: 2304') });
    const ran = await workflow(data);
    expect(ran.said).toContain('nothing was run: stacks/ does not change');
    expect(ran.said).toContain(`#${data.number}`);
    expect(artefact().result).toBeNull();
  });
});

async function edited(env: { [name: string]: string }, edit: (file: object) => object): Promise<void> {
  const path = join(env['RUNNER_TEMP'] ?? '', 'synthesized.json');
  await writeFile(path, JSON.stringify(edit(JSON.parse(await readFile(path, 'utf8')) as object)));
}
