import type { Config, EnvReference, StateConfig } from '../core/config.ts';
import { GitmendError } from '../core/errors.ts';
import type { ServeSetup } from './index.ts';
import { openServeLog, type ServeLog } from './log.ts';
import { type Metrics, openMetrics } from './metrics.ts';

/** The log and the figures, opened before anything that could fail for a reason worth a line. */
export async function openInstruments(setup: ServeSetup, config: Config): Promise<{ log: ServeLog; metrics: Metrics }> {
  const log = await openServeLog(setup.write, {
    secrets: secretsOf(setup, config),
    level: setup.env['GITMEND_LOG'] ?? 'info',
  });
  const metrics = openMetrics();
  return { log: countingWaits(log, metrics), metrics };
}

/** A wait is told as a line of the log, wherever in the process the forge asked for it: there it is counted, too. */
export function countingWaits(log: ServeLog, { forgeWaits }: Pick<Metrics, 'forgeWaits'>): ServeLog {
  return (event, ...rest) => {
    if (event === 'forge-waits') forgeWaits.inc({});
    log(event, ...rest);
  };
}

/** The value of every variable that the configuration names: whatever holds one, it is never printed. */
export function secretsOf(
  { env }: Pick<ServeSetup, 'env'>,
  { clusters, forge, alertmanager, notify, terraform }: Config,
): string[] {
  const references: unknown[] = [
    ...clusters.flatMap(({ read, write }) => [read, write]),
    alertmanager?.doorToken,
    ...(forge.kind === 'local' ? [] : [forge.token, forge.webhookSecret]),
    ...(forge.kind === 'github' ? [forge.app?.key] : []),
    ...notify.flatMap(({ url, secret }) => [url, secret]),
    ...(terraform?.state === undefined ? [] : stateSecretsOf(terraform.state)),
  ];
  const named = references.flatMap((one) => (isReference(one) ? (env[one.env] ?? []) : []));
  return [...named, env['DATABASE_URL'] ?? ''].filter((value) => value !== '');
}

function stateSecretsOf({ read, write, key, formerKeys }: StateConfig): EnvReference[] {
  return [read, write, key, ...formerKeys];
}

function isReference(value: unknown): value is EnvReference {
  return typeof value === 'object' && value !== null && 'env' in value;
}

/** A door without a token would be open to the network: then nothing starts. */
export function doorTokenOf({ alertmanager }: Config, env: ServeSetup['env']): string {
  const reference = alertmanager?.doorToken;
  if (reference === undefined) throw new GitmendError('DOOR_UNGUARDED', 'gitmend.yaml names no alertmanager.doorToken');
  const token = env[reference.env] ?? '';
  if (token.trim() === '')
    throw new GitmendError('ENV_MISSING', `${reference.env} is not set: the token of the door for Alertmanager`);
  return token;
}

/** The door for a forge's web hooks, by the forge's kind, and the secret that opens it. */
export interface HookSecret {
  kind: 'gitea' | 'github';
  secret: string;
}

/** The secret of the forge's web hooks. Without one anybody could keep gitmend busy: then nothing starts. */
export function hookSecretOf({ forge }: Config, env: ServeSetup['env']): HookSecret | undefined {
  if (forge.kind === 'local') return undefined;
  const { kind, webhookSecret: reference } = forge;
  if (reference === undefined) throw new GitmendError('WEBHOOK_UNGUARDED', 'gitmend.yaml names no forge.webhookSecret');
  const secret = env[reference.env] ?? '';
  if (secret.trim() === '')
    throw new GitmendError('ENV_MISSING', `${reference.env} is not set: the secret of the web hooks of ${kind}`);
  return { kind, secret };
}
