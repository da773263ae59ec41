import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CiLab, openCiLab, openGithubCiLab } from '../../demo/ci-lab.ts';
import { ciBot } from '../../demo/ci-bot.ts';
import { runComposite } from '../../demo/ci-action.ts';
import { type Hands, runSteps } from '../../demo/ci-step.ts';
import { memory } from '../../demo/scenarios/memory.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { alertArrives, pushEdit, type Stage } from '../../demo/story.ts';
import { systemClock } from '../../src/cli/clock.ts';
import { byAction, fetchedAction, npmStandIn, type NpmCall, shellSteps } from '../support/ci-action.ts';
import { inProcessBot } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { testClock } from '../support/test-clock.ts';

const uses = `ops/gitmend@${'c'.repeat(40)}`;
const workflows = ['plan', 'apply', 'reconcile', 'drift'].map((name) => `gitmend-${name}.yml`);

let [folder, action, path] = ['', '', ''];
let npm: () => Promise<NpmCall[]>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gitmend-action-'));
  action = await fetchedAction(join(folder, 'fetched'));
  const standIn = await npmStandIn(join(folder, 'bin'));
  [path, npm] = [standIn.path, standIn.calls];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What bash itself sets for a child is nothing of the job's. */
const isOfTheJob = (name: string) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name);

/** How far a story goes: all of it on one forge; on the other, whose jobs have another environment, up to the plan. */
const played = {
  gitea: (stage: Stage) => memory.play(stage),
  async github(stage: Stage) {
    const pr = await alertArrives(stage);
    const said = await stage.lab.forge.comments(pr?.number ?? 0);
    return said.some(({ body }) => body.includes('<!-- gitmend:plan -->')) ? 'planned' : 'not planned';
  },
};

describe.each([
  { forge: 'gitea', ends: 'verified', commands: ['synth', 'plan', 'apply'] },
  { forge: 'github', ends: 'planned', commands: ['synth', 'plan'] },
] as const)('the reusable action on $forge, by its own steps', ({ forge, ends, commands }) => {
  let made: CiLab<unknown>;
  const seen: { script: string; env: { [name: string]: string } }[] = [];
  let outcome = '';

  beforeAll(async () => {
    const options = { clock: systemClock, trouble: memoryShort };
    made = await (forge === 'gitea' ? openCiLab(options) : openGithubCiLab(options));
    const { lab, ci } = made;
    const step = shellSteps(path, { NODE_COMPILE_CACHE: join(folder, 'compiled') });
    const watched: typeof step = (script, env, shell) => {
      seen.push({ script, env });
      return step(script, env, shell);
    };
    const steps = { step: watched, killed: watched };
    const service = inProcessBot(lab, testClock(), computer());
    const bot = ciBot(lab, ci, service, steps, new Map([[uses, action]]));
    const stage: Stage = { lab, bot, say: () => undefined, another: undefined as never };
    const short = { 'gitmend.yaml': (text: string) => text.replace('window: 5s', 'window: 1s') };
    const changed = Object.fromEntries(
      workflows.map((name) => [`.${forge}/workflows/${name}`, (text: string) => byAction(text, uses)]),
    );
    await pushEdit(stage, 'main', { ...short, ...changed }, 'the workflows use the action');
    outcome = await played[forge](stage);
  }, 60_000);
  afterAll(async () => {
    await made.lab.close();
    await rm(made.lab.folder, { recursive: true, force: true });
  });

  it('does what a job with gitmend on its path does', () => {
    expect(outcome).toBe(ends);
    const ran = seen.flatMap(({ env }) => env['GITMEND_COMMAND'] ?? []);
    expect(ran.slice(0, commands.length)).toEqual(commands);
  });

  it('installs for each job, without development, and with nothing of the job in the environment', async () => {
    const calls = await npm();
    const jobs = seen.filter(({ env }) => env['GITMEND_COMMAND'] !== undefined).length;
    expect(calls.length).toBeGreaterThanOrEqual(jobs);
    for (const { words, saw } of calls) {
      expect(words.slice(0, 4)).toEqual(['ci', '--prefix', action, '--omit=dev']);
      expect(saw.filter(isOfTheJob).toSorted()).toEqual(['HOME', 'PATH', 'TMPDIR']);
    }
  });

  it('is given what the forge gives: where it lies, files to tell by, and the environment of the step that uses it', () => {
    const envOf = (command: string) => seen.find(({ env }) => env['GITMEND_COMMAND'] === command)?.env;
    const [synth, plan, apply] = [envOf('synth') ?? {}, envOf('plan'), envOf('apply')];
    expect(plan).toMatchObject({ GITHUB_ACTION_PATH: action, GITHUB_ACTION_REPOSITORY: 'ops/gitmend' });
    expect(Object.keys(plan ?? {})).toEqual(
      expect.arrayContaining(['GITHUB_ENV', 'GITHUB_OUTPUT', 'GITMEND_PVE_READ']),
    );
    expect([plan?.['GITMEND_FILE'], apply?.['GITMEND_FILE'] ?? '']).toEqual(['synthesized.json', '']);
    expect(plan).not.toHaveProperty('GITMEND_PVE_WRITE');
    if (ends === 'verified') expect(apply).toHaveProperty('GITMEND_PVE_WRITE');
    expect(Object.keys(synth).filter((name) => /TOKEN|PVE|BOT/.test(name))).toEqual([]);
  });
});

/** A job whose one step uses the action. */
async function job(inputs: { [name: string]: string }, more: { [name: string]: string } = {}) {
  const workspace = await mkdtemp(join(folder, 'job-'));
  const env = { HOME: workspace, RUNNER_TEMP: workspace, GITHUB_WORKSPACE: workspace, ...more };
  const step = shellSteps(path, { NODE_COMPILE_CACHE: join(folder, 'compiled') });
  const around = { env, context: { github: {}, runner: { temp: workspace } } };
  const own: Hands['action'] = (...asked) => runComposite(action, ...asked);
  return { ...(await runSteps([{ uses, with: inputs }], around, { step, action: own })), workspace };
}

describe('what the action installs', () => {
  it('sees the way to the registry, and no credential under whatever name', async () => {
    const way = { HTTPS_PROXY: 'http://proxy.home.lan:3128', NODE_EXTRA_CA_CERTS: '/etc/ssl/home.pem' };
    const secrets = {
      ...{ GITHUB_TOKEN: 'secret', GITMEND_PVE_WRITE: 'secret', 'with-a-dash': 'secret', 'INPUT_A B': 'secret' },
      ...{ 'BASH_FUNC_f%%': '() { :; }', LINES_: 'one\nPATH=two', _PATH: 'secret', HOM: 'secret' },
    };
    await job({ command: 'destroy' }, { ...way, ...secrets });
    const saw = (await npm()).at(-1)?.saw.filter(isOfTheJob);
    expect(saw?.toSorted()).toEqual([...Object.keys(way), 'HOME', 'PATH'].toSorted());
  });

  it('is what the job fails with where it does not install: gitmend is not started', async () => {
    const { code, said } = await job({ command: 'apply' }, { TMPDIR: 'no-registry' });
    expect(code).toBe(7);
    expect(said).toBe('the registry does not answer\n');
  });
});

describe('a wrong input of the action', () => {
  const wrong = 'the input command is synth, plan, apply, reconcile or drift\n';

  it.each(['destroy', '', 'apply; touch ran', '$(touch ran)', 'apply\ntouch ran', '--help'])(
    'is refused by name, and nothing of it is run: %j',
    async (command) => {
      const { code, said, workspace } = await job({ command });
      expect({ code, said }).toEqual({ code: 2, said: wrong });
      expect(existsSync(join(workspace, 'ran'))).toBe(false);
    },
  );

  it('is an input that the action does not have: said, and the others count', async () => {
    const { said } = await job({ command: 'destroy', wait: '5m' });
    expect(said).toBe(`Unexpected input(s) wait, valid inputs are command, file\n${wrong}`);
  });

  it('is a file that a shell would run: it is one word of gitmend, which then misses a job around it', async () => {
    const { code, said, workspace } = await job({ command: 'plan', file: '"; touch ran; echo "$(touch ran)' });
    expect(code).toBe(1);
    expect(said).toContain('CI_ENVIRONMENT: GITHUB_ACTIONS is not set');
    expect(existsSync(join(workspace, 'ran'))).toBe(false);
  });
});
