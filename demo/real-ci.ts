import { gitIn } from '../src/git/git.ts';
import { type Bot, processBot } from './bot.ts';
import { giteaActions, type Task } from './gitea-actions.ts';
import { giteaHome, type GiteaPlace } from './gitea-home.ts';
import type { PersonForge } from './home.ts';
import { type Lab, type LabOptions, labSecrets, openLabOn } from './lab.ts';
import { StoryError } from './story.ts';

/** A lab with `runner: ci` on a real Gitea that has Actions and a runner with the label `gitmend`, and its bot. */
export async function openWithRealCi(
  options: LabOptions,
  place: GiteaPlace,
  say: (line: string) => void,
): Promise<{ lab: Lab<PersonForge>; bot: Bot; repository: string }> {
  const home = await giteaHome(place, {
    secrets: { ...labSecrets, GITMEND_GITEA_TOKEN: place.botToken },
  });
  const lab = await openLabOn(home, { ...options, runner: 'ci' });
  return { lab, repository: home.repository, bot: realCiBot(lab, place, home.repository, say) };
}

/**
 * `heal` is the service's. The forge starts the workflows and its own runner runs them: all that is done here is to wait
 * for their jobs, and to press the button of those that a schedule would start.
 */
function realCiBot(lab: Lab<PersonForge>, place: GiteaPlace, repository: string, say: (line: string) => void): Bot {
  const service = processBot(lab, say);
  const actions = giteaActions(place, repository, lab.clock);
  const waited = new Set<string>();
  const told = async (job: Promise<Task>): Promise<string> => {
    const { workflow_id: workflow, event, status, url } = await job;
    const line = `job ${workflow} (${event}): ${status}   ${url}`;
    if (!waited.has(url)) say(line);
    waited.add(url);
    return line;
  };
  const planned = async () => {
    for (const { head } of await lab.forge.pullRequests({ state: 'open' }))
      await told(actions.ended('gitmend-plan.yml', 'pull_request', head));
  };
  return {
    status: () => service.status(),
    async heal(hear) {
      const said = await service.heal(hear);
      await planned();
      return said;
    },
    drift: () => told(actions.dispatched('gitmend-drift.yml')),
    async restore(target) {
      const said = await service.restore(target);
      await planned();
      return said;
    },
    plan: () => told(actions.dispatched('gitmend-plan.yml')),
    async run() {
      await told(actions.ended('gitmend-apply.yml', 'push', await tipOf(lab)));
      return told(actions.dispatched('gitmend-reconcile.yml'));
    },
    runKilled: () =>
      Promise.reject(
        new StoryError('no job of a real runner is killed: play this story on the stand-in, without --url'),
      ),
  };
}

async function tipOf({ clone, forge }: Lab<PersonForge>): Promise<string> {
  const branch = `refs/heads/${forge.defaultBranch}`;
  const { stdout } = await gitIn(clone)(['ls-remote', 'origin', branch], { env: { ...forge.gitEnv } });
  return stdout.split('\t')[0] ?? '';
}
