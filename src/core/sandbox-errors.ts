import type { CatalogueEntry } from './errors.ts';

/** What keeps stack code of a pull request from being run (src/synth), for the catalogue of errors.ts. */
export const sandboxErrors = {
  SANDBOX_MISSING: {
    action: 'needs-human',
    means: 'nothing on this machine can lock stack code of a pull request in, so it was not run',
    next: 'apt-get install bubblewrap; on Ubuntu 24.04 and newer also let it make user namespaces (an AppArmor profile for /usr/bin/bwrap, or sysctl kernel.apparmor_restrict_unprivileged_userns=0); docs/sandbox.md says how, and gitmend doctor tries it',
  },
  STACK_MODULES_DIFFER: {
    action: 'needs-human',
    means: 'the modules that stack code of a pull request would run with are not those of stacks/package-lock.json',
    next: 'on the machine that plans: copy stacks/package.json and stacks/package-lock.json of the default branch into a folder, npm ci --ignore-scripts in it, and name its node_modules in GITMEND_STACK_MODULES; docs/sandbox.md',
  },
  SYNTH_UNSTABLE: {
    action: 'needs-human',
    means: 'the stack code wrote something else when it was run again on the same data',
    next: 'take clocks, random values and the order of unordered things out of stacks/: what is approved must be what is applied',
  },
  SYNTH_REFUSED: {
    action: 'needs-human',
    means: 'this job runs no code of a pull request, and there are no synthesized stacks that fit',
    next: 'run the workflow of the pull request again, all of its jobs; where guests are named, apply or take back what is open for them first, and change stack code and guests in two pull requests',
  },
} as const satisfies Record<string, CatalogueEntry>;
