import type { PullRequest } from '../src/forges/forge.ts';
import { gitIn } from '../src/git/git.ts';
import { openRepository, type Repository } from '../src/git/repository.ts';
import type { Bot } from './bot.ts';
import { type CiHappening, type CiPlace, type CiRan, type RunStep, runWorkflows } from './ci-runner.ts';
import type { CiServer } from './ci-server.ts';
import type { PersonForge } from './home.ts';
import type { Lab } from './lab.ts';

/** How jobs are run: all the way, or killed in the middle of their first write. */
export interface CiSteps {
  step: RunStep;
  killed: RunStep;
}

/**
 * Everything that happens on the stand-in starts its workflows; what jobs dispatch is started after them. `actions`: those
 * that a workflow may use beside the template's three.
 */
export function ciOn(lab: Lab<PersonForge>, server: CiServer, actions: CiPlace['actions'] = new Map()) {
  const place: CiPlace = {
    forge: server.kind,
    url: server.url,
    repository: server.repository,
    token: server.jobToken,
    secrets: secretsOf(lab),
    ...(server.bound === undefined ? {} : { bound: server.bound }),
    vars: { GITMEND_BOT: 'gitmend' },
    folder: `${lab.folder}/tmp/ci`,
    workflows: () => workflowsOf(lab, server),
    checkout: (folder, commit) => checkOut(lab, folder, commit),
    begin: server.begin,
    actions,
  };
  const happens = async (event: CiHappening, step: RunStep): Promise<CiRan[]> => {
    const ran = await runWorkflows(place, event, step);
    for (let next = server.dispatched(); next !== undefined; next = server.dispatched()) {
      const { workflow, ref, inputs } = next;
      const dispatch = { ...(await tipOf(lab, ref)), name: 'workflow_dispatch' as const, workflow };
      ran.push(...(await runWorkflows(place, { ...dispatch, payload: { ref, inputs } }, step)));
    }
    return ran;
  };
  return { place, happens };
}

/** The bot of a story with `runner: ci`: `heal` is the service's; everything else the workflows of the template do. */
export function ciBot(
  lab: Lab<PersonForge>,
  server: CiServer,
  service: Bot,
  { step, killed }: CiSteps,
  actions?: CiPlace['actions'],
): Bot {
  const { happens } = ciOn(lab, server, actions);
  const main = () => tipOf(lab, 'refs/heads/main');
  const scheduled = async (workflow: string) =>
    happens({ name: 'schedule', payload: {}, ...(await main()), workflow }, step);
  // The service opens with its own token, so the forge starts the workflows of each.
  const opened = async () => {
    for (const pr of await lab.forge.pullRequests({ state: 'open' })) {
      const at = await server.started(pr);
      if (at !== undefined) await happens(pullRequestEvent(pr, server.repository, at), step);
    }
  };
  return {
    status: () => service.status(),
    async heal(hear) {
      const said = await service.heal(hear);
      await opened();
      return said;
    },
    drift: async () => wordsOf(await scheduled('gitmend-drift.yml')),
    async restore(target) {
      const said = await service.restore(target);
      await opened();
      return said;
    },
    plan: async () => wordsOf(await scheduled('gitmend-plan.yml')),
    async run() {
      const said = [wordsOf(await happens({ name: 'push', payload: {}, ...(await main()) }, step))];
      while (/goes on|^waiting: /m.test(said.at(-1) ?? '') && said.length < 20)
        said.push(wordsOf(await scheduled('gitmend-reconcile.yml')));
      return said.join('\n').trim();
    },
    async runKilled() {
      await happens({ name: 'push', payload: {}, ...(await main()) }, killed);
    },
  };
}

/** As both forges send it, as far as anybody reads it. `at`: what its workflows are started for. */
export function pullRequestEvent(
  { number, branch, base, head, fork }: Pick<PullRequest, 'number' | 'branch' | 'base' | 'head' | 'fork'>,
  repository: string,
  at = { ref: `refs/pull/${number}/head`, sha: head },
): CiHappening {
  const side = (id: number) => ({ repo: { id, full_name: id === 1 ? repository : 'somebody/fork' } });
  const sides = { head: { ...side(fork ? 2 : 1), sha: head }, base: side(1) };
  return {
    name: 'pull_request',
    payload: { action: 'opened', number, pull_request: { number, ...sides } },
    ...at,
    base,
    head: branch,
  };
}

/** The secrets of the repository, as an owner of it sets them. */
function secretsOf({ env }: Lab<PersonForge>): { [name: string]: string } {
  const { GITMEND_PVE_READ = '' } = env.read;
  const { GITMEND_PVE_WRITE = '' } = env.write;
  // Gitea lets no job open a pull request by its own token.
  const { GITMEND_GITEA_TOKEN } = env.read;
  return { GITMEND_PVE_READ, GITMEND_PVE_WRITE, ...(GITMEND_GITEA_TOKEN === undefined ? {} : { GITMEND_GITEA_TOKEN }) };
}

function wordsOf(ran: readonly CiRan[]): string {
  return ran.map(({ said }) => said.trim()).join('\n');
}

async function mirrorOf({ folder, forge }: Lab<PersonForge>): Promise<Repository> {
  const repo = await openRepository(`${folder}/tmp/workflows.git`, forge.remote, forge.gitEnv);
  await repo.fetch();
  return repo;
}

/** A clone of the repository at that commit, as actions/checkout leaves it with its whole history. */
async function checkOut(lab: Lab<PersonForge>, folder: string, commit: string): Promise<void> {
  const { folder: mirror } = await mirrorOf(lab);
  await gitIn(folder)(['clone', '--quiet', '--shared', '--no-checkout', mirror, '.']);
  await gitIn(folder)(['checkout', '--quiet', '--detach', commit]);
}

async function tipOf(lab: Lab<PersonForge>, ref: string): Promise<{ ref: string; sha: string }> {
  return { ref, sha: (await (await mirrorOf(lab)).tip(ref)) ?? '' };
}

/** Those of the default branch, as the forge takes them: Gitea its own folder where there is one. */
async function workflowsOf(lab: Lab<PersonForge>, { folder, knows }: CiServer): Promise<Map<string, string>> {
  const repo = await mirrorOf(lab);
  const tree = await repo.tree((await repo.tip('refs/heads/main')) ?? '');
  const found = [...tree].filter(([path]) => path.startsWith(folder) && path.endsWith('.yml'));
  const files = new Map(found.map(([path, text]) => [path.slice(folder.length), text]));
  knows([...files.keys()]);
  return files;
}
