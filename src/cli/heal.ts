import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { Diagnosis } from '../core/diagnosis.ts';
import { GitmendError } from '../core/errors.ts';
import { type Healed, healDelivery } from '../pipeline/heal.ts';
import { counted } from '../texts/words.ts';
import { type CliContext, groundFor } from './context.ts';

/** `gitmend heal FILE`: what the door does with one Alertmanager payload, from a file or standard input. */
export function registerHeal(program: Command, context: CliContext): void {
  program
    .command('heal')
    .argument('<file>', 'an Alertmanager webhook payload (version 4), or - for standard input')
    .option('--json', 'one JSON object per outcome')
    .description(
      'diagnoses the alerts of a payload on live evidence and proposes the smallest fix; ends with 1 where it could not look',
    )
    .action(async (file: string, options: { json?: true }) => {
      const payload = await readPayload(file);
      const saying = options.json ? () => undefined : (diagnosis: Diagnosis) => sayProposed(diagnosis, context);
      const healed = await healDelivery(await groundFor(program, context, 'read'), payload, saying);
      for (const one of healed) context.print(options.json ? JSON.stringify(asJson(one)) : printHealed(one));
      if (healed.some((one) => one.state === 'noted' && one.unseen !== undefined)) context.exit(1);
      if (healed.length === 0) context.print('nothing in this payload asks for anything');
    });
}

async function readPayload(file: string): Promise<string> {
  try {
    // Not /dev/stdin: it cannot be opened where standard input is a socket.
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new GitmendError('USAGE', `${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** What stood behind a proposal, before it is made; of what leads to none the outcome's own line says it. */
function sayProposed({ outcome, decidedBy, name, summary }: Diagnosis, { print }: CliContext): void {
  if (outcome !== 'proposed') return;
  print(`evidence: ${counted(decidedBy.length, 'fact')}; diagnosis: ${name} ${summary.replace(/\.$/, '')}`);
}

function printHealed(healed: Healed): string {
  const { diagnosis } = healed;
  const what = `${diagnosis.name}: ${diagnosis.summary}`;
  if (healed.state === 'noted') {
    const helps =
      'helps' in diagnosis && diagnosis.helps.length > 0 ? `\n  what helps: ${diagnosis.helps.join('; ')}` : '';
    return `${diagnosis.outcome}  ${what}${helps}`;
  }
  if (healed.state === 'refused')
    return `refused (${healed.refusal.reason})  ${healed.refusal.message}\n  next: ${healed.refusal.next}`;
  const plan = healed.plan.state === 'shown' ? ', plan shown' : '';
  return `proposed  #${healed.pullRequest.number} ${healed.pullRequest.title} (${healed.state}${plan})`;
}

/** The same as data: outcome, rule and the facts that decided. */
function asJson(healed: Healed): object {
  const { outcome, rule, target, name, summary, decidedBy, considered } = healed.diagnosis;
  const base = { state: healed.state, outcome, rule, target, name, summary, decidedBy, considered };
  if (healed.state === 'refused') return { ...base, refusal: healed.refusal };
  if (healed.state === 'noted') return { ...base, recorded: healed.recorded };
  return { ...base, pullRequest: healed.pullRequest.number, title: healed.pullRequest.title };
}
