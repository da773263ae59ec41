import { z } from 'zod';
import { driftByDefault, driftFields, type EnvReference } from '../core/config.ts';
import { ansible } from './ansible.ts';
import { address, count, duration, reference, repositoryPath, textLike, versionOne } from './fields.ts';
import { readMailUrl } from './mail-url.ts';
import { say } from './read-yaml.ts';
import { terraform } from './terraform.ts';
import { didYouMean, oneOf, shown } from './words.ts';

const clusterName = textLike(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a name of a-z, 0-9 and -', (text) => {
  const lower = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '');
  return lower === '' ? '' : `did you mean ${lower.slice(0, 63)}?`;
});

const anyUrl = address({ schemes: ['https', 'http'], origin: false });

/** SHA-256 of a certificate as `openssl x509 -fingerprint -sha256` prints it; returned with colons, upper case. */
const fingerprint = textLike(
  /^(?:[0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$/,
  'the SHA-256 of a certificate',
  () => 'write the 32 pairs that openssl x509 -noout -fingerprint -sha256 prints',
).transform((text) => (text.replaceAll(':', '').toUpperCase().match(/../g) ?? []).join(':'));

const remoteForge = {
  url: anyUrl.exactOptional(),
  repository: textLike(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/, 'a repository', () => 'write owner/name'),
  webhookSecret: reference().exactOptional(),
};

const githubApp = z.strictObject({
  // YAML reads a bare App ID as a number; a Client ID is a text.
  id: z
    .union([z.int(), z.string()])
    .transform(String)
    .pipe(
      textLike(
        /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
        'an App ID or Client ID',
        () => 'it stands at the top of the App’s settings',
      ),
    ),
  key: reference(),
});

const forge = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('local'),
    path: z
      .string()
      .min(1, { error: () => say('is empty', 'leave the line out') })
      .exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('github'),
    ...remoteForge,
    token: reference().exactOptional(),
    app: githubApp.exactOptional(),
  }),
  z.strictObject({ kind: z.literal('gitea'), ...remoteForge, token: reference() }),
]);

const cluster = z.strictObject({
  name: clusterName,
  // Only https: a token that travels in clear is a token lost.
  endpoint: address({ schemes: ['https'], origin: true }),
  ca: repositoryPath().exactOptional(),
  fingerprint: fingerprint.exactOptional(),
  read: reference(),
  write: reference().exactOptional(),
  exporters: z.array(textLike(/^[^\s\p{Cc}]{1,253}$/u, 'a value of the label instance or job')).default([]),
});

/** An account of the forge, or `team:owner/name`. */
const approver = z
  .string()
  .regex(/^(?:[A-Za-z0-9]|team:[A-Za-z0-9][A-Za-z0-9._-]{0,63}\/[A-Za-z0-9])[A-Za-z0-9._-]{0,63}$/, {
    error: ({ input }) => notApprover(shown(input)),
  });

function notApprover(text: string): string {
  if (text.startsWith('@')) return say(`${text} is not a forge account`, `did you mean ${text.slice(1, 65)}?`);
  if (text.startsWith('team:')) return say(`${text} is not a team`, 'write team:owner/name');
  return say(`${text} is not a forge account`, text.includes('/') ? `did you mean team:${text}?` : '');
}

/** An address, or the variable that holds one which is a secret itself. */
function orReference(url: z.ZodType<string, string>): z.ZodType<string | EnvReference, string> {
  return z.string().transform((text, context) => {
    const result = (/^env:/.test(text) ? reference() : url).safeParse(text);
    if (result.success) return result.data;
    for (const { message } of result.error.issues) context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

const mailUrl = z.string().transform((text, context) => {
  const route = readMailUrl(text);
  if ('problem' in route) context.addIssue({ code: 'custom', message: say(route.problem, route.mend) });
  return text;
});

const told = { secret: reference().exactOptional() };
const destination = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), url: orReference(anyUrl), ...told }),
  z.strictObject({ kind: z.literal('ntfy'), url: orReference(anyUrl), ...told }),
  z.strictObject({ kind: z.literal('mail'), url: orReference(mailUrl), ...told }),
]);

const day = 86_400;

/** `swap`, or of one guest `lxc/203:memory`. */
const ignored = textLike(
  new RegExp(`^(?:(?:[a-z0-9][a-z0-9-]{0,62}/)?(?:lxc|qemu)/[1-9][0-9]{2,8}:)?(?:${driftFields.join('|')})$`),
  'a field, nor a field of a guest',
  (text) => {
    const field = text.slice(text.lastIndexOf(':') + 1);
    const known = driftFields.some((one) => one === field);
    return (known ? '' : didYouMean(field, driftFields)) || `write ${oneOf(driftFields)}, or lxc/203:memory`;
  },
);

const drift = z.union(
  [
    z.literal('off'),
    z.strictObject({
      every: duration({ min: 60, max: 7 * day }).default(driftByDefault.every),
      settle: duration({ min: 1, max: day }).default(driftByDefault.settle),
      ignore: z.array(ignored).default([]),
    }),
  ],
  { error: ({ input }) => say(`${shown(input)} is not known here`, 'write off, or { every: 1h, settle: 10m }') },
);

/** gitmend.yaml. Durations become seconds, `env:NAME` becomes `{ env: 'NAME' }`. */
export const configSchema = z.strictObject({
  version: versionOne(),
  forge,
  runner: z.enum(['builtin', 'ci']).default('builtin'),
  accepts: z.array(z.enum(['pushers-can-read-write-secret'])).exactOptional(),
  dashboard: z.boolean().default(false),
  approvers: z.array(approver).default([]),
  clusters: z.array(cluster).min(1, { error: () => say('names no cluster', 'name one: a guest is always on one') }),
  prometheus: z.strictObject({ url: anyUrl }).exactOptional(),
  alertmanager: z.strictObject({ url: anyUrl, doorToken: reference().exactOptional() }).exactOptional(),
  notify: z.array(destination).default([]),
  verify: z
    .strictObject({
      window: duration({ min: 1, max: day }).exactOptional(),
      watch: duration({ min: 1, max: 30 * day }).exactOptional(),
    })
    .default({}),
  limits: z
    .strictObject({
      openPullRequests: count({ min: 1, max: 100 }).default(5),
      perHour: count({ min: 1, max: 100 }).default(10),
    })
    .default({ openPullRequests: 5, perHour: 10 }),
  drift: drift.exactOptional(),
  terraform: terraform.exactOptional(),
  ansible: ansible.exactOptional(),
  alerts: z
    .record(
      z.string(),
      textLike(/^[a-z][a-z0-9-]{0,31}$/, 'a fault family', () => 'write memory, cpu, disk …'),
    )
    .default({}),
});
