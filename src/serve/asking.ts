import { workflows } from '../ci/job.ts';
import { codedError } from '../core/errors.ts';
import { type CommandsSetup, commandsPass, reactPass } from '../pipeline/commands.ts';
import { dashboardPass } from '../pipeline/dashboard.ts';
import type { LoopsSetup } from './loops.ts';
import type { Pass } from './loop.ts';

/** Milliseconds between two looks at what people wrote, where nobody pokes: a web hook may be lost. */
const glance = { local: 1_000, remote: 15_000 };
/** Milliseconds between two looks at the dashboard's boxes. */
const board = 30_000;

export interface Asking extends Pick<LoopsSetup, 'ground' | 'store' | 'metrics' | 'log' | 'clock'> {
  /** Whether the rules in force want a dashboard. */
  hasBoard: () => boolean;
  /** What was answered or done may show in plans. */
  answered: () => void;
}

/** Answers commands in comments, and does what was ticked on the dashboard. Apart from planning: who asks sees at once that it was seen. */
export function asking({ ground, store, metrics, log, clock, hasBoard, answered }: Asking) {
  const { forge } = ground;
  const setup: CommandsSetup = { cursors: store.cursors, reacted: new Set(), ...dispatching(forge) };
  let boardDue = 0;
  let trouble = '';
  let busy = false;
  const look = async (): Promise<number> => {
    const asked = await commandsPass(ground, setup);
    if (!hasBoard() || clock.now() < boardDue) return asked.answered.length;
    boardDue = clock.now() + board;
    const done = await dashboardPass(ground, setup);
    return asked.answered.length + (done?.did.length ?? 0);
  };
  const pass: Pass = async () => {
    busy = true;
    try {
      if ((await look()) > 0) answered();
      metrics.passes.inc({ loop: 'commands', result: 'done' });
      trouble = '';
    } catch (error) {
      const { code, message, stack } = codedError(error);
      // A forge that is away for an hour is one line, not a thousand.
      if (trouble !== message)
        log('commands-failed', { code, message, ...(code === 'INTERNAL' ? { stack } : {}) }, 'error');
      trouble = message;
      metrics.passes.inc({ loop: 'commands', result: code });
    } finally {
      busy = false;
    }
    return forge.kind === 'local' ? glance.local : glance.remote;
  };
  // Who asks sees within a moment that it was seen, whatever the command before it is waiting for: the other pass begins with
  // the reactions itself, so this one looks only while that one is at work. Trouble is the other pass's to tell.
  const react: Pass = async () => {
    if (busy) await reactPass(ground, setup).catch(() => undefined);
    return forge.kind === 'local' ? glance.local : glance.remote;
  };
  return { pass, react, boardNow: () => (boardDue = 0) };
}

/** With `runner: ci` a plan is made by a workflow, which is started by whoever is asked for it. */
function dispatching({ ci }: Asking['ground']['forge']): Pick<CommandsSetup, 'dispatchPlan'> {
  if (ci === undefined) return {};
  return {
    dispatchPlan: (number, { anew }) =>
      ci.dispatch(workflows.plan, { pull_request: String(number), ...(anew ? { anew: 'true' } : {}) }),
  };
}
