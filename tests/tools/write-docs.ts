// `npm run docs:write`: brings the generated parts of docs/ up to date. tests/law/documents.test.ts holds them equal.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { commands } from '../../src/commands/catalogue.ts';
import { configSchema } from '../../src/config/schema.ts';
import { errorCatalogue } from '../../src/core/errors.ts';
import { guestSchema } from '../../src/declarations/guest/schema.ts';
import { operationSchema } from '../../src/declarations/operation/schema.ts';
import { policyFile } from '../../src/policy/schema.ts';
import { diagnosisOutcomes, findings, runOutcomes, stopReasons, waitingStates } from '../../src/core/outcome.ts';

const root = join(import.meta.dirname, '..', '..');

/** The generated parts by page and name: what stands between `<!-- begin NAME -->` and `<!-- end NAME -->`. */
export const generated: { readonly [page: string]: { readonly [part: string]: string } } = {
  'docs/commands.md': { commands: commandTable() },
  'docs/errors.md': { errors: errorTable() },
  'docs/outcomes.md': {
    'run outcomes': meanings(runOutcomes),
    'diagnosis outcomes': meanings(diagnosisOutcomes),
    'stop reasons': meanings(stopReasons),
    'waiting states': meanings(waitingStates),
    findings: meanings(findings),
  },
};

/** A page with its generated parts as they must be. Throws where a part has no place in the page. */
export function withGenerated(page: string, text: string): string {
  return Object.entries(generated[page] ?? {}).reduce((now, [part, content]) => {
    const [begin, end] = [`<!-- begin ${part} -->`, `<!-- end ${part} -->`];
    const [from, to] = [now.indexOf(begin), now.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${page} has no place for ${part}: ${begin} … ${end}`);
    return `${now.slice(0, from + begin.length)}\n${content}\n${now.slice(to)}`;
  }, text);
}

/** The JSON Schemas that editors complete and check the user's files by, from what reads these files. */
export const schemas: { readonly [page: string]: string } = {
  'docs/schemas/gitmend.schema.json': jsonSchema('gitmend.yaml', configSchema),
  'docs/schemas/guest.schema.json': jsonSchema('guests/<name>.yaml', guestSchema),
  'docs/schemas/operation.schema.json': jsonSchema('operations/<id>.yaml', operationSchema),
  'docs/schemas/policy.schema.json': jsonSchema('policies/<name>.yaml', policyFile),
};

function jsonSchema(title: string, schema: z.ZodType): string {
  // What is checked beyond a shape (an address, a duration) stays open here: `gitmend check` says it.
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}

function errorTable(): string {
  const rows = Object.entries(errorCatalogue).map(([code, { action, means, next }]) =>
    row([`\`${code}\``, action, means, next]),
  );
  return [row(['code', 'action', 'what it means', 'next']), '|---|---|---|---|', ...rows].join('\n');
}

function commandTable(): string {
  const who = { read: 'everybody who may read', write: 'who may write', approver: 'approvers who may write' };
  const where = { 'pull-request': 'pull request', issue: 'issue', both: 'both' };
  const rows = Object.values(commands).map(({ usage, does, on, needs, bound }) =>
    row([`\`${usage}\``, does, where[on], who[needs], bound ? 'yes' : '']),
  );
  return [row(['command', 'what it does', 'on', 'who', 'bound to the head']), '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function meanings(words: { readonly [word: string]: string }): string {
  const rows = Object.entries(words).map(([word, meaning]) => row([`\`${word}\``, meaning]));
  return [row(['word', 'what it means']), '|---|---|', ...rows].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

if (import.meta.main) {
  for (const page of Object.keys(generated)) {
    const path = join(root, page);
    writeFileSync(path, withGenerated(page, readFileSync(path, 'utf8')));
  }
  for (const [page, text] of Object.entries(schemas)) writeFileSync(join(root, page), text);
}
