import { underReview } from '../ansible/index.ts';
import { playbookRunner } from '../appliers/ansible/applier.ts';
import type { Credentials } from '../appliers/ansible/index.ts';
import type { AnsibleConfig, AnsibleEngine, AnsiblePlan, AnsibleWork } from '../core/ansible.ts';
import type { Clock } from '../core/clock.ts';
import { GitmendError } from '../core/errors.ts';
import { type Digest, digestOf } from '../core/json.ts';
import type { Declared } from '../deliver/declared.ts';
import type { Engines } from '../deliver/world.ts';
import { makeFolder } from './folder.ts';

/** What Ansible stands on, for one set of rules and one role. */
export interface AnsibleMeans {
  role: 'read' | 'write';
  /** Opened when it is first needed. Throws an ANSIBLE_ error. */
  engine: () => Promise<AnsibleEngine>;
  clock: Clock;
}

/** Milliseconds for which a check is not made again of the same files. A run makes its own. */
const keptFor = 5 * 60_000;
const failedFor = 60_000;

/** The engine that deliver asks: for each basis the checks of its playbooks, and an applier that runs the same files. */
export function ansibleOf(means: AnsibleMeans): NonNullable<Engines['ansible']> {
  let opened: Promise<AnsibleEngine> | undefined;
  const engine = lazily(() => (opened ??= means.engine()));
  const asked = means.role === 'write' ? engine : keeping(engine, means.clock);
  return ({ approved, data }) => {
    const { tree } = underReview(approved, data);
    return playbookRunner(asked, (playbook): AnsibleWork => ({ tree, before: approved, playbook }));
  };
}

function lazily(open: () => Promise<AnsibleEngine>): AnsibleEngine {
  return {
    check: async (work) => (await open()).check(work),
    apply: async (work) => (await open()).apply(work),
  };
}

interface Kept {
  until: number;
  plan: Promise<AnsiblePlan>;
}

/** What a look finds every few seconds is not checked as often: it reaches every host. */
function keeping(engine: AnsibleEngine, clock: Clock): AnsibleEngine {
  const kept = new Map<Digest, Kept>();
  return {
    apply: (work) => engine.apply(work),
    check(work) {
      const now = clock.now();
      for (const [old, { until }] of kept) if (now > until) kept.delete(old);
      const key = keyOf(work);
      const found = kept.get(key) ?? { until: now + keptFor, plan: engine.check(work) };
      kept.set(key, found);
      found.plan.catch(() => (found.until = Math.min(found.until, now + failedFor)));
      return found.plan;
    },
  };
}

function keyOf({ tree, before, playbook, hosts = [] }: AnsibleWork): Digest {
  const below = (files: AnsibleWork['tree']) =>
    Object.fromEntries([...files].filter(([path]) => path.startsWith('ansible/')));
  return digestOf({ tree: below(tree), before: below(before), playbook, hosts: [...hosts] });
}

/** Ansible as the rules in force name it, with what the variables of this process hold. Nothing where they name none. */
export function ansibleIn(
  { config }: Pick<Declared, 'config'>,
  { role, env, clock, folder }: Pick<AnsibleMeans, 'role' | 'clock'> & { env: Environment; folder: string | undefined },
): Pick<Engines, 'ansible'> {
  const setting = config?.ansible;
  if (setting === undefined || folder === undefined) return {};
  const engine = async () => {
    const { ansibleOn } = await import('../appliers/ansible/index.ts');
    await makeFolder(folder);
    return ansibleOn({ config: setting, credentials: credentialsOf(setting, env), root: folder });
  };
  return { ansible: ansibleOf({ role, clock, engine }) };
}

type Environment = { readonly [name: string]: string | undefined };

function credentialsOf({ sshKey, vaultPassword, environment }: AnsibleConfig, env: Environment): Credentials {
  const agent = env['SSH_AUTH_SOCK'];
  const key =
    sshKey === undefined
      ? agent === undefined
        ? {}
        : { agent }
      : { sshKey: 'file' in sshKey ? sshKey : { text: secretOf(env, sshKey.env, 'sshKey') } };
  const named = Object.entries(environment).map(([name, from]) => [name, secretOf(env, from.env, 'environment')]);
  return {
    ...key,
    ...(vaultPassword === undefined ? {} : { vaultPassword: secretOf(env, vaultPassword.env, 'vaultPassword') }),
    environment: Object.fromEntries(named) as { [name: string]: string },
  };
}

function secretOf(env: Environment, name: string, what: string): string {
  const value = env[name] ?? '';
  if (value === '')
    throw new GitmendError('ENV_MISSING', `${name} is not set: ansible.${what} of gitmend.yaml names it`);
  return value;
}
