import { join } from 'node:path';
import { inside, type View } from './view.ts';

/** What src/synth/sandbox/stage.ts is told. */
export interface Staging {
  /** Empty folder that becomes the root. */
  root: string;
  view: View;
  /** Programs of the machine, by whole paths. */
  mount: string;
  hostname: string;
  /** Started last, in place of the stage. */
  command: string[];
}

export interface NamespaceTools {
  unshare: string;
  mount: string;
  hostname: string;
}

/** Arguments of unshare(1) of util-linux: new namespaces, in which Node lays out the view and changes into it. */
export function unshareArguments(
  { unshare, mount, hostname }: NamespaceTools,
  { node, root, view, command, asRoot }: { node: string; root: string; view: View; command: string[]; asRoot: boolean },
): string[] {
  const last = [unshare, `--root=${root}`, `--wd=${inside.repository}`, '--', ...command];
  const staging: Staging = { root, view, mount, hostname, command: last };
  return [
    ...(asRoot ? [] : ['--user', '--map-root-user']),
    ...['--net', '--mount', '--pid', '--ipc', '--uts', '--cgroup', '--fork', '--kill-child=SIGKILL', '--'],
    ...[node, '--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'stage.ts'), JSON.stringify(staging)],
  ];
}
