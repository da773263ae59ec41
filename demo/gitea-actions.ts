import { z } from 'zod';
import type { Clock } from '../src/core/clock.ts';
import { ask, type GiteaPlace } from './gitea-home.ts';
import { StoryError } from './story.ts';

const tasksShape = z.object({
  workflow_runs: z
    .array(
      z.object({
        id: z.int(),
        name: z.string(),
        workflow_id: z.string(),
        event: z.string(),
        head_sha: z.string(),
        status: z.string(),
        url: z.string(),
      }),
    )
    .nullable(),
});

/** One job that a runner took up. */
export type Task = NonNullable<z.output<typeof tasksShape>['workflow_runs']>[number];

/** Milliseconds: how often is looked, and after which nobody takes a job up, or one never ends. */
const patience = { look: 500, job: 240_000 };

const over = ['success', 'failure', 'cancelled', 'skipped'];

/** The job that a workflow of the template is there for is named like it, and is its last: `plan` comes after `synth`. */
const jobOf = (workflow: string): string => workflow.replace(/^gitmend-(.*)\.yml$/, '$1');

/** The Actions of one repository on a real Gitea, whose own runner runs the jobs. */
export interface GiteaActions {
  /** Waits until the job that such an event of this commit started has ended, however. Throws StoryError where none does. */
  ended(workflow: string, event: 'push' | 'pull_request', commit: string): Promise<Task>;
  /** Starts a workflow as the owner does with the button, and waits for its end. */
  dispatched(workflow: string, inputs?: { [name: string]: string }): Promise<Task>;
  tasks(): Promise<Task[]>;
}

export function giteaActions({ url, token }: GiteaPlace, repository: string, clock: Clock): GiteaActions {
  const actions = `repos/${repository}/actions`;
  const tasks = async (): Promise<Task[]> =>
    tasksShape.parse(await ask(url, token, 'GET', `${actions}/tasks?limit=50`)).workflow_runs ?? [];
  /** The newest one, once it has ended. */
  const wait = async (what: string, wanted: (task: Task) => boolean): Promise<Task> => {
    const until = clock.now() + patience.job;
    for (;;) {
      const found = (await tasks()).filter(wanted).sort((a, b) => b.id - a.id)[0];
      if (found !== undefined && over.includes(found.status)) return found;
      if (clock.now() >= until) throw new StoryError(tooLate(what, found));
      await clock.sleep(patience.look);
    }
  };
  return {
    tasks,
    ended: (workflow, event, commit) =>
      wait(`${workflow} of ${commit.slice(0, 7)}`, (task) => {
        const ours = task.workflow_id === workflow && task.name === jobOf(workflow);
        return ours && task.event === event && task.head_sha === commit;
      }),
    async dispatched(workflow, inputs = {}) {
      const before = new Set((await tasks()).map(({ id }) => id));
      await ask(url, token, 'POST', `${actions}/workflows/${workflow}/dispatches`, { ref: 'refs/heads/main', inputs });
      return wait(workflow, ({ id, name, workflow_id, event }) => {
        const ours = workflow_id === workflow && name === jobOf(workflow);
        return ours && event === 'workflow_dispatch' && !before.has(id);
      });
    },
  };
}

function tooLate(what: string, task: Task | undefined): string {
  if (task !== undefined) return `${what} has not ended: ${task.url}`;
  return `no runner took up ${what}: the server needs Actions, and a runner with the label gitmend that has gitmend`;
}
