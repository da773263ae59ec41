/** What one run of untrusted stack code may use. Sizes in bytes. */
export const limits = {
  /** Heap of each Node process, in MiB. */
  heap: 512,
  /** Private memory that can be written, of each process. */
  memory: 2 * 1024 ** 3,
  /** Processes and threads together: Node has eleven, and two of them run. */
  processes: 128,
  /** One file, and all that is written below cdktf.out. It lies in memory. */
  output: 64 * 1024 ** 2,
  temporary: 32 * 1024 ** 2,
  /** What comes out of the sandbox: all cdk.tf.json together. */
  result: 16 * 1024 ** 2,
  /** Twice what a home with a stack of each service has: their bytes are limited above, so this only bounds how many are planned. */
  stacks: 256,
} as const;

/** Arguments of prlimit(1). Core files would be written by the kernel, outside of any sandbox. */
export function rlimits(timeout: number): string[] {
  return [
    `--nproc=${limits.processes}`,
    `--data=${limits.memory}`,
    `--fsize=${limits.output}`,
    `--cpu=${timeout + 5}`,
    '--nofile=1024',
    '--core=0',
  ];
}
