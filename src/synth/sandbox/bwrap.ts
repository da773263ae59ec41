import { inside, type View } from './view.ts';

/**
 * Arguments of bwrap(1), 0.8 or newer. As root without a user namespace: then the account changes inside, because the
 * kernel limits no processes of root. `filtered`: it reads a filter of system calls from file descriptor 3.
 */
export function bwrapArguments(
  view: View,
  command: readonly string[],
  { asRoot, filtered }: { asRoot: boolean; filtered: boolean },
): string[] {
  const account = asRoot
    ? ['--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID', '--cap-add', 'CAP_SETPCAP']
    : ['--unshare-user', '--disable-userns', '--uid', '65530', '--gid', '65530'];
  return [
    ...['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--cap-drop', 'ALL', ...account, ...(filtered ? ['--seccomp', '3'] : [])],
    ...['--die-with-parent', '--new-session', '--clearenv', '--hostname', 'gitmend'],
    ...view.folders.flatMap((path) => ['--perms', '0755', '--dir', path]),
    ...view.binds.flatMap(({ from, to }) => ['--ro-bind', from, to]),
    ...view.devices.flatMap((path) => ['--dev-bind', path, path]),
    ...view.memory.flatMap(({ path, bytes }) => ['--perms', '1777', '--size', String(bytes), '--tmpfs', path]),
    ...['--remount-ro', '/', '--chdir', inside.repository, '--', ...command],
  ];
}
