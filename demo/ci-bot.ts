import { openRepository } from '../src/git/repository.ts';
import type { PullRequest } from '../src/forges/forge.ts';
import { actionsOf, beginRun, endRun } from '../simulators/gitea/routes/actions.ts';
import type { Gitea } from '../simulators/gitea/index.ts';
import type { Bot } from './bot.ts';
import { type CiHappening, type CiPlace, type CiRan, type RunStep, runWorkflows } from './ci-runner.ts';
import type { PersonForge } from './home.ts';
import type { Lab } from './lab.ts';

/** How jobs are run: all the way, or killed in the middle of their first write. */
export interface CiSteps {
  step: RunStep;
  killed: RunStep;
}

/** Everything that happens on the stand-in starts its workflows; what jobs dispatch is started after them. */
export function ciOn(lab: Lab<PersonForge>, gitea: Gitea) {
  const place: CiPlace = {
    forge: 'gitea',
    url: gitea.url,
    repository: gitea.repository,
    token: gitea.token('gitea-actions'),
    secrets: secretsOf(lab),
    vars: { GITMEND_BOT: 'gitmend' },
    folder: `${lab.folder}/tmp/ci`,
    workflows: () => workflowsOf(lab, gitea),
    begin(workflow, event) {
      const run = beginRun(gitea.world, workflow, event, lab.clock.now());
      return {
        id: run.id,
        attempt: run.attempt,
        end: (code) => endRun(run, code === 0 ? 'success' : 'failure', lab.clock.now()),
      };
    },
  };
  const happens = async (event: CiHappening, step: RunStep): Promise<CiRan[]> => {
    const ran = await runWorkflows(place, event, step);
    const { dispatched } = actionsOf(gitea.world);
    for (let next = dispatched.shift(); next !== undefined; next = dispatched.shift()) {
      const { workflow, ref, inputs } = next;
      const payload = { ref, inputs };
      ran.push(...(await runWorkflows(place, { ...event, name: 'workflow_dispatch', payload, workflow }, step)));
    }
    return ran;
  };
  return { place, happens };
}

/** The bot of a story with `runner: ci`: `heal` is the service's; everything else the workflows of the template do. */
export function ciBot(lab: Lab<PersonForge>, gitea: Gitea, service: Bot, { step, killed }: CiSteps): Bot {
  const { happens } = ciOn(lab, gitea);
  const main = () => ({ ref: 'refs/heads/main', sha: '0'.repeat(40) });
  const scheduled = (workflow: string) => happens({ name: 'schedule', payload: {}, ...main(), workflow }, step);
  return {
    status: () => service.status(),
    async heal(hear) {
      const said = await service.heal(hear);
      // The service opens with its own token, so the forge starts the workflows of each.
      for (const pr of await lab.forge.pullRequests({ state: 'open' }))
        await happens(pullRequestEvent(pr, gitea.repository), step);
      return said;
    },
    plan: async () => wordsOf(await scheduled('gitmend-plan.yml')),
    async run() {
      const said = [wordsOf(await happens({ name: 'push', payload: {}, ...main() }, step))];
      while (/goes on|^waiting: /m.test(said.at(-1) ?? '') && said.length < 20)
        said.push(wordsOf(await scheduled('gitmend-reconcile.yml')));
      return said.join('\n').trim();
    },
    async runKilled() {
      await happens({ name: 'push', payload: {}, ...main() }, killed);
    },
  };
}

/** As Gitea sends it, as far as anybody reads it. */
export function pullRequestEvent(
  { number, branch, base, head, fork }: Pick<PullRequest, 'number' | 'branch' | 'base' | 'head' | 'fork'>,
  repository: string,
): CiHappening {
  const side = (id: number) => ({ repo: { id, full_name: id === 1 ? repository : 'somebody/fork' } });
  return {
    name: 'pull_request',
    payload: { action: 'opened', number, pull_request: { number, head: side(fork ? 2 : 1), base: side(1) } },
    ref: `refs/pull/${number}/head`,
    sha: head,
    base,
    head: branch,
  };
}

/** The secrets of the repository, as an owner of it sets them. */
function secretsOf({ env }: Lab<PersonForge>): { [name: string]: string } {
  const { GITMEND_PVE_READ = '' } = env.read;
  const { GITMEND_PVE_WRITE = '' } = env.write;
  return { GITMEND_PVE_READ, GITMEND_PVE_WRITE };
}

function wordsOf(ran: readonly CiRan[]): string {
  return ran.map(({ said }) => said.trim()).join('\n');
}

/** Those of the default branch, as Gitea takes them: its own folder where there is one. */
async function workflowsOf(lab: Lab<PersonForge>, gitea: Gitea): Promise<Map<string, string>> {
  const repo = await openRepository(`${lab.folder}/tmp/workflows.git`, lab.forge.remote, lab.forge.gitEnv);
  await repo.fetch();
  const tree = await repo.tree((await repo.tip('refs/heads/main')) ?? '');
  const folder = '.gitea/workflows/';
  const found = [...tree].filter(([path]) => path.startsWith(folder) && path.endsWith('.yml'));
  const files = new Map(found.map(([path, text]) => [path.slice(folder.length), text]));
  actionsOf(gitea.world).workflows = [...files.keys()];
  return files;
}
