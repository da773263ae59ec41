import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { answerMarker } from '../../src/commands/answer.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { type CommandsPass, commandsPass, type CommandsSetup } from '../../src/pipeline/commands.ts';
import { type DeliverLab, deliverLab, type DeliverLabOptions } from '../support/deliver-lab.ts';

/** A lab whose comments are answered. The clock goes on by a minute for everything that somebody says. */
export interface CommandLab extends DeliverLab {
  cursors: CommandsSetup['cursors'] & { values: Map<string, string> };
  /** A person's comment; `lab.pass` of commands is not run by it. Returns its id. */
  say(number: number, body: string, by?: string): Promise<string>;
  answerAll(ground?: Ground, setup?: Partial<CommandsSetup>): Promise<CommandsPass>;
  /** Says it, answers, and returns the one answer. */
  ask(number: number, body: string, by?: string): Promise<string>;
  /** The answers to one comment. */
  answersTo(number: number, id: string): Promise<string[]>;
}

export async function commandLab(options: DeliverLabOptions = {}): Promise<CommandLab> {
  const lab = await deliverLab(options);
  const cursors = rememberedCursors();
  const answerAll = (ground = lab.read, setup = {}) => commandsPass(ground, { cursors, ...setup });
  // What was said before the service's first look is no command.
  await answerAll();
  const say = async (number: number, body: string, by = 'maintainer') => {
    lab.clock.advance(60_000);
    return (await (await lab.as(by)).comment(number, body)).id;
  };
  const answersTo = async (number: number, id: string) =>
    (await lab.comments(number)).filter(({ body }) => body.startsWith(answerMarker(id))).map(({ body }) => body);
  return {
    ...lab,
    ...{ cursors, say, answerAll, answersTo },
    async ask(number, body, by) {
      const id = await say(number, body, by);
      await answerAll();
      const answers = await answersTo(number, id);
      expect(answers).toHaveLength(1);
      return answers[0] ?? '';
    },
  };
}

export function rememberedCursors(): CommandLab['cursors'] {
  const values = new Map<string, string>();
  return {
    values,
    get: async (name) => values.get(name),
    set: async (name, value) => void values.set(name, value),
    swap: async (name, from, to) => {
      if (values.get(name) !== from) return false;
      values.set(name, to);
      return true;
    },
  };
}

/** Digests and ids of one lab are of no interest to a reader of a golden text. */
export function readable(text: string): string {
  return text
    .replace(/^<!-- gitmend:answer\/[a-z0-9]+ -->\n/, '')
    .replace(/`sha256:[0-9a-f]{12}`/g, '`sha256:…`')
    .replace(/`[0-9a-f]{7}`/g, '`…`');
}

const folder = new URL('golden/', import.meta.url);

/** As in tests/records: GITMEND_UPDATE_GOLDEN=1 writes the file anew; then read the difference as a person would. */
export function expectGolden(name: string, text: string): void {
  const file = new URL(name, folder);
  if (process.env['GITMEND_UPDATE_GOLDEN'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}
