import type { Command } from 'commander';
import { GitmendError } from '../core/errors.ts';
import { stateKeysOf } from '../serve/door/state-access.ts';
import { storeOfServe } from '../serve/own-store.ts';
import type { StateLock, States, StateVersion, Store } from '../store/index.ts';
import { readLock, unseal } from '../terraform/state/index.ts';
import { printBytes } from '../texts/words.ts';
import { columns } from './columns.ts';
import { type CliContext, globals } from './context.ts';
import { readLocalConfig } from './ground.ts';
import { agreed } from './unlock.ts';

/** `gitmend terraform state …`: what `gitmend serve` keeps of Terraform, where its store is; it may be running. */
export function registerTerraform(program: Command, context: CliContext): void {
  const state = program
    .command('terraform')
    .description("what gitmend serve keeps of Terraform's state")
    .command('state')
    .description('lists, shows and unlocks states');
  state
    .command('list')
    .description('every version that is kept, the newest first, and who holds a lock')
    .action(() => onStates(program, context, async (states) => context.print(printStates(await states.list()))));
  state
    .command('show')
    .argument('<stack>', 'guests')
    .option('--serial <number>', 'an older version')
    .description('prints a state, secrets and all, so that it can be pushed again')
    .action((stack: string, { serial }: { serial?: string }) =>
      onStates(program, context, async (states) =>
        context.print(await stateText(states, program, context, stack, serial)),
      ),
    );
  state
    .command('unlock')
    .argument('<stack>', 'guests')
    .option('--yes', 'do not ask')
    .description('shows who holds a state, and takes the lock away if you say so')
    .action((stack: string, { yes }: { yes?: true }) =>
      onStates(program, context, (states) => unlock(states, context, stack, yes === true)),
    );
}

async function onStates(
  program: Command,
  { env, clock }: CliContext,
  work: (states: States) => Promise<void>,
): Promise<void> {
  const { directory } = globals(program);
  const store: Store = await storeOfServe({ directory, account: env['GITMEND_BOT'] ?? 'gitmend', env, clock });
  try {
    await work(store.states);
  } finally {
    await store.close();
  }
}

function printStates({ versions, locks }: { versions: StateVersion[]; locks: StateLock[] }): string {
  if (versions.length + locks.length === 0) return 'no state is kept here';
  const rows = versions.map(({ stack, serial, at, size, who, key, deleted }) => [
    ...[stack, String(serial), new Date(at).toISOString(), deleted ? 'taken away' : printBytes(size)],
    ...[deleted ? '' : `key ${key}`, plain(who)],
  ]);
  const table = rows.length === 0 ? [] : columns([['stack', 'serial', 'since', 'size', 'sealed with', 'by'], ...rows]);
  return [...table, ...locks.map((lock) => `${lock.stack} is locked by ${holderOf(lock)}`)].join('\n');
}

async function stateText(
  states: States,
  program: Command,
  { env }: CliContext,
  stack: string,
  serial: string | undefined,
): Promise<string> {
  if (serial !== undefined && !/^\d{1,15}$/.test(serial))
    throw new GitmendError('USAGE', `--serial: ${JSON.stringify(serial.slice(0, 40))} is no number`);
  const { terraform } = await readLocalConfig(globals(program).directory);
  if (terraform?.state === undefined)
    throw new GitmendError('TERRAFORM_STATE_NOT_FOUND', 'gitmend.yaml names no terraform.state');
  const keys = stateKeysOf(terraform.state, env);
  const found = serial === undefined ? await states.newest(stack) : await states.version(stack, Number(serial));
  if (found?.body === undefined)
    throw new GitmendError(
      'TERRAFORM_STATE_NOT_FOUND',
      `there is no state of ${stack}${serial === undefined ? '' : ` with the serial ${serial}`}`,
    );
  return unseal(keys, stack, { key: found.key, body: found.body });
}

async function unlock(states: States, context: CliContext, stack: string, yes: boolean): Promise<void> {
  const lock = await states.lock(stack);
  if (lock === undefined) {
    context.print(`the state of ${stack} is not locked`);
    return;
  }
  context.print(`the state of ${stack} is held by ${holderOf(lock)}`);
  if (!yes && !(await agreed())) {
    context.print('left as it is');
    context.exit(1);
    return;
  }
  const freed = await states.inTurn(stack, async (state) => {
    const same = (await state.lock())?.id === lock.id;
    if (same) await state.unlock();
    return same;
  });
  if (!freed) throw new GitmendError('TERRAFORM_LOCKED', `the lock of the state of ${stack} changed meanwhile`);
  context.print(`the state of ${stack} is free`);
}

/** `alice@desk (OperationTypeApply), since 2026-11-20T03:00:00.000Z, lock 6b2f`: when is this store's own clock. */
function holderOf({ info, id, role, at }: StateLock): string {
  const read = readLock(info);
  const who = read.ok ? `${plain(read.value.who)} (${plain(read.value.operation)})` : 'somebody';
  return `${who} as the user ${role}, since ${new Date(at).toISOString()}, lock ${id}`;
}

/** What somebody else's program said, for a terminal. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, '');
}
