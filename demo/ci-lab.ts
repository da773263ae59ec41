import { type Gitea, startGitea } from '../simulators/gitea/index.ts';
import { type Bot, processBot } from './bot.ts';
import { ciBot } from './ci-bot.ts';
import { processSteps } from './ci-steps.ts';
import { giteaHome } from './gitea-home.ts';
import type { PersonForge } from './home.ts';
import { type Lab, type LabOptions, openLabOn } from './lab.ts';

/** A lab whose repository lies on a stand-in Gitea of its own, with `runner: ci`. */
export async function openCiLab(options: LabOptions): Promise<{ lab: Lab<PersonForge>; gitea: Gitea }> {
  const gitea = await startGitea({ clock: options.clock });
  const place = { url: gitea.url, token: gitea.token('maintainer'), botToken: gitea.token('gitmend') };
  const lab = await openLabOn(await giteaHome(place), { ...options, runner: 'ci' });
  const close = lab.close.bind(lab);
  lab.close = async () => {
    await close();
    await gitea.close();
  };
  return { lab, gitea };
}

/** The same with its bot: jobs as child processes, each with the environment of its step and nothing else. */
export async function openWithCi(
  options: LabOptions,
  say: (line: string) => void,
): Promise<{ lab: Lab<PersonForge>; bot: Bot; gitea: Gitea }> {
  const { lab, gitea } = await openCiLab(options);
  return { lab, gitea, bot: ciBot(lab, gitea, processBot(lab, say), await processSteps(lab, say)) };
}
