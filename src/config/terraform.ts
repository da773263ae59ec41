import { z } from 'zod';
import { address, duration, program, reference, textLike, wholePath } from './fields.ts';
import { say } from './read-yaml.ts';

// Of a backend alone: what the provider is told, and what decides how Terraform itself runs, is gitmend's to say.
const backendVariable = textLike(
  /^(?:PG|TF_HTTP|AWS|ARM|GOOGLE|CONSUL)_?[A-Z0-9_]{1,80}$/,
  'a variable that a backend reads',
  () => 'write PG_CONN_STR, TF_HTTP_PASSWORD, AWS_ACCESS_KEY_ID …',
);

const doorUrl = address({ schemes: ['https', 'http'], origin: true }).refine(isPrivate, {
  error: () =>
    say(
      'would send the password and the state in the clear',
      'write https://… of the proxy in front of the door, or http://127.0.0.1:8788 where all of gitmend is on one machine',
    ),
});

/** Whether nobody on the way can read along: TLS, or the machine itself. */
function isPrivate(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** `terraform.state`: the door of `gitmend serve` that keeps the state. */
const state = z.strictObject({
  url: doorUrl,
  read: reference(),
  write: reference(),
  key: reference(),
  formerKeys: z.array(reference()).default([]),
});

/** `terraform:` of gitmend.yaml. Absent: what only Terraform does is refused. */
export const terraform = z.strictObject({
  program: program('terraform, tofu').default('terraform'),
  mirror: wholePath('/srv/terraform-mirror').exactOptional(),
  providers: z
    .array(
      textLike(
        /^[a-z0-9.-]+\/[a-z0-9_-]+\/[a-z0-9_-]+$/,
        'a provider in full',
        () => 'write registry.terraform.io/owner/name',
      ),
    )
    .default([]),
  modules: z.array(z.string().min(1).max(400)).default([]),
  environment: z.record(backendVariable, reference()).default({}),
  stackCode: z.enum(['off', 'sandbox']).exactOptional(),
  timeout: duration({ min: 10, max: 86_400 }).prefault('30m'),
  lockTimeout: duration({ min: 0, max: 3600 }).prefault('20s'),
  state: state.exactOptional(),
});
