/** Numbers of system calls by architecture of Node (asm/unistd.h of Linux). Those from 424 on are the same everywhere. */
const calls: { readonly [arch: string]: Calls } = {
  x64: {
    audit: 0xc000003e,
    socket: 41,
    clone: 56,
    denied: [
      ...[101, 155, 161, 165, 166, 167, 168, 169, 175, 176, 246, 248, 249, 250],
      ...[272, 298, 304, 308, 310, 311, 312, 313, 320, 321, 323],
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    socket: 198,
    clone: 220,
    denied: [
      ...[117, 41, 51, 40, 39, 224, 225, 142, 105, 106, 104, 217, 218, 219],
      ...[97, 241, 265, 268, 270, 271, 272, 273, 294, 280, 282],
    ],
  },
};

interface Calls {
  /** How the kernel names the architecture. */
  audit: number;
  socket: number;
  clone: number;
  /**
   * In this order: ptrace, pivot_root, chroot, mount, umount2, swapon, swapoff, reboot, init_module, delete_module,
   * kexec_load, add_key, request_key, keyctl; unshare, perf_event_open, open_by_handle_at, setns, process_vm_readv and
   * _writev, kcmp, finit_module, kexec_file_load, bpf, userfaultfd.
   */
  denied: readonly number[];
}

/** io_uring_setup, _enter, _register, open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr. */
const deniedEverywhere = [425, 426, 427, 428, 429, 430, 431, 432, 433, 442];
const clone3 = 435;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: those that the network namespace is about. AF_VSOCK leads to the host all the same. */
const families = [1, 2, 10, 16];
const newUser = 0x10000000;

const [load, equal, atLeast, anyBit, end] = [0x20, 0x15, 0x35, 0x45, 0x06];
const answer = { allow: 0x7fff0000, deny: 0x00050001, missing: 0x00050026, kill: 0x80000000 };

type Goal = keyof typeof answer | 'next' | 'clone' | 'socket';
interface Line {
  code: number;
  k: number;
  /** Where to go on where it holds, and where not. */
  to?: [Goal, Goal];
  label?: Goal;
}

/**
 * A filter of system calls for bwrap(1), as the kernel reads it (struct sock_filter); undefined where the numbers of this
 * architecture are not known here. Stack code can bring machine code of its own: this leaves it none of the calls that
 * reach around namespaces, or that Node does not need and faults of the kernel were found in.
 */
export function seccompFilter(arch: string): Buffer | undefined {
  const known = calls[arch];
  if (known === undefined) return undefined;
  const deny = (nr: number): Line => ({ code: equal, k: nr, to: ['deny', 'next'] });
  const lines: Line[] = [
    { code: load, k: 4 },
    { code: equal, k: known.audit, to: ['next', 'kill'] },
    { code: load, k: 0 },
    // Calls of x32, which have numbers of their own.
    { code: atLeast, k: 0x40000000, to: ['deny', 'next'] },
    ...[...known.denied, ...deniedEverywhere].map(deny),
    // Its flags cannot be looked at; without it the C library takes clone.
    { code: equal, k: clone3, to: ['missing', 'next'] },
    { code: equal, k: known.clone, to: ['clone', 'next'] },
    { code: equal, k: known.socket, to: ['socket', 'allow'] },
    { code: load, k: 16, label: 'clone' },
    { code: anyBit, k: newUser, to: ['deny', 'allow'] },
    { code: load, k: 16, label: 'socket' },
    ...families.map((k): Line => ({ code: equal, k, to: ['allow', 'next'] })),
    ...(['deny', 'allow', 'missing', 'kill'] as const).map((label) => ({ code: end, k: answer[label], label })),
  ];
  return Buffer.concat(lines.map((line, at) => instruction(line, at, lines)));
}

function instruction({ code, k, to = ['next', 'next'] }: Line, at: number, lines: readonly Line[]): Buffer {
  const [yes, no] = to.map((goal) => (goal === 'next' ? 0 : lines.findIndex(({ label }) => label === goal) - at - 1));
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(yes ?? 0, 2);
  bytes.writeUInt8(no ?? 0, 3);
  bytes.writeUInt32LE(k, 4);
  return bytes;
}
