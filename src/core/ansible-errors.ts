import type { CatalogueEntry } from './errors.ts';

/** What keeps Ansible from its work (src/appliers/ansible), for the catalogue of errors.ts. */
export const ansibleErrors = {
  ANSIBLE_MISSING: {
    action: 'needs-human',
    means: 'ansible-playbook could not be started on this machine',
    next: 'install ansible-core 2.14 or newer where gitmend runs (apt install ansible-core), and have it on PATH',
  },
  ANSIBLE_TOO_OLD: {
    action: 'needs-human',
    means: 'the ansible-core on this machine is older than what gitmend can rely on',
    next: 'install ansible-core 2.14 or newer',
  },
  ANSIBLE_REFUSED: {
    action: 'needs-human',
    means: 'the playbook or its data would run something that no plan shows, in check mode too, so nothing was run',
    next: 'take out what is named, each with its file and line; docs/ansible.md says what stands in its place',
  },
  ANSIBLE_COLLECTION_MISSING: {
    action: 'needs-human',
    means: 'a collection that gitmend.yaml names is not installed where gitmend runs',
    next: 'ansible-galaxy collection install NAME:==VERSION -p FOLDER, and name the folder as ansible: collectionsPath:',
  },
  ANSIBLE_VAULT_PASSWORD: {
    action: 'needs-human',
    means: 'something in ansible/ is encrypted, and no password is given, or it does not open it',
    next: 'write ansible: { vaultPassword: env:NAME } in gitmend.yaml, and set that variable for plan and runner',
  },
  ANSIBLE_HOST_KEYS_MISSING: {
    action: 'needs-human',
    means: 'the file of trusted host keys that gitmend.yaml names is not in the repository',
    next: 'ssh-keyscan HOST, compare the fingerprints on the hosts, and add the lines as ansible/known_hosts by a pull request',
  },
  ANSIBLE_UNREACHABLE: {
    action: 'retry',
    means: 'a host could not be reached by SSH, or its key is another than the trusted one',
    next: 'ssh to it as the same user with the same key and known_hosts; the next pass tries again',
  },
  ANSIBLE_TASK_FAILED: {
    action: 'needs-human',
    means: 'a task failed on a host, and what comes after it was not run there',
    next: 'read what the task says; gitmend plan N checks again once it is mended',
  },
  ANSIBLE_KILLED: {
    action: 'retry',
    means: 'ansible-playbook was ended before it was done',
    next: 'gitmend plan N checks again; where it applied, that shows what is left to do',
  },
  ANSIBLE_TIMEOUT: {
    action: 'retry',
    means: 'ansible-playbook took longer than ansible: timeout: allows, and was ended',
    next: 'gitmend plan N checks again and shows what is left to do; raise ansible: timeout: where it needs longer',
  },
  ANSIBLE_FAILED: {
    action: 'needs-human',
    means: 'ansible-playbook ended with an error of its own, which is quoted',
    next: 'read what it says; gitmend plan N checks again once it is mended',
  },
  ANSIBLE_OUTPUT_UNREADABLE: {
    action: 'needs-human',
    means: 'a run of Ansible told what it did in a form that gitmend does not know',
    next: 'use an ansible-core of a version that docs/ansible.md names, and report it',
  },
} as const satisfies { [code: string]: CatalogueEntry };
