import type { CatalogueEntry } from './errors.ts';

/** What keeps Terraform from its work (src/appliers/terraform), for the catalogue of errors.ts. */
export const terraformErrors = {
  TERRAFORM_MISSING: {
    action: 'needs-human',
    means: 'neither terraform nor tofu could be started on this machine',
    next: 'install Terraform 1.9 or OpenTofu 1.9, or newer, where gitmend runs, and have it on PATH',
  },
  TERRAFORM_TOO_OLD: {
    action: 'needs-human',
    means: 'the Terraform or OpenTofu on this machine is older than what gitmend can rely on',
    next: 'install Terraform 1.9 or OpenTofu 1.9, or newer',
  },
  TERRAFORM_PROVIDER_MISSING: {
    action: 'needs-human',
    means: 'terraform (or tofu) init could not get a provider that the stack or the state names',
    next: 'let the machine reach the registry, or name a mirror that holds the provider at its pinned version, under the registry that is named; docs/terraform.md says how',
  },
  TERRAFORM_STACK_REFUSED: {
    action: 'needs-human',
    means: 'the stack would have Terraform run, or send the token, what no plan shows',
    next: 'take it out of stacks/, or add the provider or module to terraform: in gitmend.yaml, in a pull request of its own',
  },
  TERRAFORM_LOCKED: {
    action: 'wait',
    means: 'somebody else holds the lock of the state',
    next: 'wait until they are done; only when whoever holds it is surely gone, terraform (or tofu) force-unlock ID, or gitmend terraform state unlock STACK where gitmend serve keeps it',
  },
  TERRAFORM_BACKEND_UNREACHABLE: {
    action: 'retry',
    means: 'the place where the state is kept does not answer',
    next: 'see that the backend runs and can be reached from here; the next pass tries again',
  },
  TERRAFORM_BACKEND_DENIED: {
    action: 'needs-human',
    means: 'the place where the state is kept does not let this role in, or not write',
    next: 'set the password of this role (terraform.state.read or write of gitmend.yaml, or what terraform.environment names) to the one that the backend knows; the next pass tries again',
  },
  TERRAFORM_STATE_REFUSED: {
    action: 'needs-human',
    means:
      'what Terraform did is done, and the place where the state is kept did not take the new state, or not the lock back: by the number 423 somebody else holds its lock, 409 the lock was taken away or the state is another one by now, 413 it is too large',
    next: 'look who wrote meanwhile (gitmend terraform state list; state-refused in the log of gitmend serve), then compare errored.tfstate with it, below terraform/ in the folder of gitmend there, and push it where it is the newer one; docs/terraform.md says how',
  },
  TERRAFORM_KILLED: {
    action: 'retry',
    means: 'terraform was ended before it was done',
    next: 'gitmend plan N plans again; where it applied, the next run looks what was done before it goes on',
  },
  TERRAFORM_STATE_CHANGED: {
    action: 'retry',
    means: 'the state has changed since the plan was made, so the plan file is worth nothing',
    next: 'nothing: it is planned again, and goes on only if the actions are the same',
  },
  TERRAFORM_STATE_UNREADABLE: {
    action: 'needs-human',
    means:
      'the state is not one that the program of gitmend.yaml can read: OpenTofu encrypted it, or something else lies there',
    next: 'have OpenTofu write it without encryption (in its encryption block method "unencrypted", the old one as fallback, one apply), or bring back a state that is whole; docs/terraform.md says how',
  },
  TERRAFORM_STATE_UNGUARDED: {
    action: 'needs-human',
    means: 'what guards the state of Terraform in gitmend serve cannot guard it, so nothing was started',
    next: 'set two different passwords (openssl rand -base64 32) and a key of 32 bytes for what terraform.state names',
  },
  TERRAFORM_STATE_SEALED: {
    action: 'needs-human',
    means: 'a state of Terraform that gitmend serve keeps does not open with the keys that gitmend.yaml names',
    next: 'name the key that it was sealed with under terraform.state.formerKeys; gitmend terraform state list says which',
  },
  TERRAFORM_STATE_NOT_FOUND: {
    action: 'needs-human',
    means: 'gitmend serve keeps no such state of Terraform, or no such version of it',
    next: 'gitmend terraform state list names what is kept',
  },
  TERRAFORM_PLAN_CHANGED: {
    action: 'needs-human',
    means: 'Terraform would now do something else than was approved, so nothing was done',
    next: 'propose it again, or undo the merge: both get a plan of their own',
  },
  TERRAFORM_PLAN_UNREADABLE: {
    action: 'needs-human',
    means: 'terraform show printed a plan in a form that gitmend does not know',
    next: 'use a Terraform or OpenTofu of a version that docs/terraform.md names, and report it',
  },
  TERRAFORM_FAILED: {
    action: 'needs-human',
    means: 'terraform ended with an error of its own, which is quoted',
    next: 'read what it says; gitmend plan N plans again once it is mended',
  },
} as const satisfies { [code: string]: CatalogueEntry };
