import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitmend as inProcess } from '../ci/in-process.ts';
import { needs } from '../support/needs.ts';
import { testClock } from '../support/test-clock.ts';

const template = join(import.meta.dirname, '../../infra');

describe.skipIf(!needs('bwrap'))('gitmend synth', () => {
  let folder: string;
  let clone: string;
  let env: { [name: string]: string };
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      encoding: 'utf8',
    }).trim();
  const gitmend = async (...words: string[]) => inProcess(['-C', clone, ...words], env, testClock());

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gitmend-test-'));
    clone = join(folder, 'clone');
    cpSync(template, clone, { recursive: true });
    git('init', '--quiet', '--initial-branch=main');
    git('add', '.');
    git('commit', '--quiet', '-m', 'a');
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    const event = join(folder, 'event.json');
    const side = { repo: { id: 1 } };
    writeFileSync(event, JSON.stringify({ pull_request: { number: 7, head: side, base: side } }));
    // Nothing that is secret is among them.
    env = {
      ...{ GITHUB_ACTIONS: 'true', GITHUB_SERVER_URL: 'https://github.com', GITHUB_API_URL: 'https://api.github.com' },
      ...{ GITHUB_REPOSITORY: 'ops/homelab', GITHUB_RUN_ID: '1', GITHUB_EVENT_NAME: 'pull_request' },
      ...{ GITHUB_EVENT_PATH: event, GITHUB_BASE_REF: 'main', GITHUB_WORKSPACE: clone, RUNNER_TEMP: folder },
    };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('says where it wrote each stack', async () => {
    const out = join(folder, 'out');
    const file = join(out, 'stacks', 'guests', 'cdk.tf.json');
    expect(await gitmend('synth', '--out', out)).toEqual({ code: 0, said: `guests: ${file}\n` });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('resource');
  });

  it('fails with the place that the stack code names', async () => {
    const main = join(clone, 'stacks/main.ts');
    const text = readFileSync(main, 'utf8');
    writeFileSync(main, "throw new TypeError('no');\n");
    const said = await gitmend('synth', '--out', join(folder, 'none'));
    writeFileSync(main, text);
    expect(said.code).toBe(1);
    expect(said.said).toMatch(/^SYNTH_FAILED: stacks\/main\.ts:1 TypeError: no/);
  });

  it('wants to know where the file of a job goes', async () => {
    expect(await gitmend('synth', '--ci')).toMatchObject({ code: 2 });
    expect(await gitmend('plan', '--synthesized', 'x')).toMatchObject({ code: 2 });
  });

  const artefact = () => JSON.parse(readFileSync(join(folder, 's.json'), 'utf8')) as { head: string; result: unknown };
  const commit = (path: string, text: string): string => {
    writeFileSync(join(clone, path), text);
    git('add', '.');
    git('commit', '--quiet', '-m', path);
    return git('rev-parse', 'HEAD');
  };

  it('runs nothing in a job where the base does not ask for it, whatever the pull request says', async () => {
    const config = readFileSync(join(clone, 'gitmend.yaml'), 'utf8');
    commit('gitmend.yaml', `${config}\nterraform:\n  stackCode: sandbox\n`);
    const head = commit('stacks/more.ts', 'export {};\n');
    expect(await gitmend('synth', '--ci', '--out', 's.json')).toEqual({
      code: 0,
      said: 'nothing was run: gitmend.yaml does not say terraform.stackCode: sandbox\n',
    });
    expect(artefact()).toMatchObject({ version: 1, head, result: null });
  });

  it('writes into the folder of the job what merging gives, and what the code did wrong', async () => {
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    const head = commit('stacks/more.ts', 'export const more = 1;\n');
    const said = await gitmend('synth', '--ci', '--out', 's.json');
    expect(said).toEqual({ code: 0, said: `synthesized of ${head.slice(0, 7)}: guests\n` });
    expect(artefact()).toMatchObject({ head, result: { ok: true, stacks: { guests: {} } } });
    commit('stacks/main.ts', "throw new Error('::set-output\\n::error::x');\n");
    const failed = await gitmend('synth', '--ci', '--out', 's.json');
    expect(failed.code).toBe(0);
    // What stack code says begins no line: the runner of a job obeys some.
    expect(failed.said).toMatch(/^SYNTH_FAILED: stacks\/main\.ts:1 Error: ::set-output.*\n$/);
    expect(artefact()).toMatchObject({ result: { ok: false } });
  });

  it('runs nothing for a schedule', async () => {
    env = { ...env, GITHUB_EVENT_NAME: 'schedule' };
    expect((await gitmend('synth', '--ci', '--out', 's.json')).said).toBe(
      'nothing was run: this job is of no pull request\n',
    );
  });
});
