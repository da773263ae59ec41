import type { Gitea } from '../simulators/gitea/index.ts';
import type { Github } from '../simulators/github/index.ts';
import { type Bot, processBot } from './bot.ts';
import { ciBot } from './ci-bot.ts';
import { type CiHost, type CiServer, giteaWithCi, githubWithCi } from './ci-server.ts';
import { processSteps } from './ci-steps.ts';
import type { PersonForge } from './home.ts';
import { type Lab, type LabOptions, openLabOn } from './lab.ts';

/** A lab with `runner: ci`, and the stand-in that it lies on. */
export interface CiLab<S> {
  lab: Lab<PersonForge>;
  server: S;
  ci: CiServer;
}

/** A lab whose repository lies on a stand-in Gitea of its own, with `runner: ci`. */
export async function openCiLab(options: LabOptions): Promise<CiLab<Gitea> & { gitea: Gitea }> {
  const made = await standing(options, await giteaWithCi(options.clock));
  return { ...made, gitea: made.server };
}

/** The same on a stand-in for GitHub. */
export async function openGithubCiLab(options: LabOptions): Promise<CiLab<Github>> {
  return standing(options, await githubWithCi(options.clock));
}

/** A lab on either with its bot: jobs as child processes, each with the environment of its step and nothing else. */
export async function openWithCi(
  forge: 'gitea' | 'github',
  options: LabOptions,
  say: (line: string) => void,
): Promise<{ lab: Lab<PersonForge>; bot: Bot }> {
  const { lab, ci } = await (forge === 'gitea' ? openCiLab : openGithubCiLab)(options);
  return { lab, bot: ciBot(lab, ci, processBot(lab, say), await processSteps(lab, say)) };
}

/** The stand-in ends with its lab. */
async function standing<S extends { close: () => Promise<void> }>(
  options: LabOptions,
  { server, ci, home }: CiHost<S>,
): Promise<CiLab<S>> {
  const lab = await openLabOn(home, { ...options, runner: 'ci' });
  const close = lab.close.bind(lab);
  lab.close = async () => {
    await close();
    await server.close();
  };
  return { lab, server, ci };
}
