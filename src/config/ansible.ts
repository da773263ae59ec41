import { z } from 'zod';
import { duration, program, reference, repositoryPath, textLike, wholePath } from './fields.ts';
import { say } from './read-yaml.ts';
import { shown } from './words.ts';

/** Below ansible/, because nothing else is laid out for a run. */
const ansiblePath = repositoryPath().refine((path) => path.startsWith('ansible/'), {
  error: ({ input }) => say(`${shown(input)} is not below ansible/`, 'write ansible/…'),
});

/** `env:NAME`, or `file:/path` of a file of the machine. */
const keyReference = z.string().transform((text, context) => {
  const [, file] = /^file:(\/[^\p{Cc}]{1,400})$/u.exec(text) ?? [];
  if (file !== undefined) return { file };
  const result = reference().safeParse(text);
  if (result.success) return result.data;
  for (const { message } of result.error.issues) context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

// What decides how Ansible, Python and ssh themselves run is gitmend's to say.
const lookedUp = textLike(
  /^(?!ANSIBLE_|GITMEND_|PYTHON|LD_|SSH_|LC_)(?!(?:PATH|HOME|TMPDIR|SHELL|IFS|ENV|BASH_ENV)$)[A-Z][A-Z0-9_]{0,80}$/,
  'a variable that a task may look up',
  () => 'write SMTP_PASSWORD, or another name that is not of Ansible, Python, ssh or the shell',
);

const fields = z.strictObject({
  program: program('ansible-playbook').default('ansible-playbook'),
  playbooks: z.array(ansiblePath).default(['ansible/playbooks/*.yaml']),
  collections: z
    .array(textLike(/^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$/, 'a collection', () => 'write community.general'))
    .default([]),
  collectionsPath: wholePath('/srv/ansible/collections').exactOptional(),
  sshKey: keyReference.exactOptional(),
  knownHosts: ansiblePath.default('ansible/known_hosts'),
  vaultPassword: reference().exactOptional(),
  environment: z.record(lookedUp, reference()).default({}),
  becomePasswords: z.array(lookedUp).exactOptional(),
  limit: z
    .array(textLike(/^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/, 'a host or a group of the inventory'))
    .min(1)
    .exactOptional(),
  timeout: duration({ min: 10, max: 86_400 }).prefault('15m'),
});

/** `ansible:` of gitmend.yaml. Absent: nothing is done with ansible/. */
export const ansible = fields.refine(
  ({ environment, becomePasswords = [] }) => becomePasswords.every((name) => Object.hasOwn(environment, name)),
  {
    path: ['becomePasswords'],
    error: () => say('becomePasswords names what environment: does not hold', 'name it there too: NAME: env:VARIABLE'),
  },
);
