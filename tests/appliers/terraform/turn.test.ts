import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inTurn } from '../../../src/appliers/terraform/turn.ts';
import { answers, needs } from '../../support/needs.ts';

/** A pid namespace of its own, as a container has one: its processes begin at 1. */
const container = ['-r', '-p', '-f', '--mount-proc', '--kill-child'];
const hasContainers = needs('unshare', () => answers('unshare', [...container, 'true']));

function place(): string {
  const made = mkdtempSync(join(tmpdir(), 'gitmend-turn-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return join(made, 'guests.turn');
}

/** Another process that has the turn. */
async function holder(file: string, before: readonly string[] = []): Promise<ChildProcess> {
  const words = [process.execPath, join(import.meta.dirname, 'turn-holder.ts'), file];
  const [program, ...rest] = before.length === 0 ? words : [...before, ...words];
  const child = spawn(program ?? '', rest, { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('has it\n');
  return child;
}

async function isKept(file: string, by: ChildProcess): Promise<void> {
  await expect(inTurn(file, 0, async () => Promise.resolve('mine'))).rejects.toMatchObject({
    code: 'TERRAFORM_LOCKED',
    message: expect.stringMatching(
      /another process of gitmend is at work here: .*guests\.turn\.by says .*:\d+$/,
    ) as string,
  });
  const waiting = inTurn(file, 60, async () => Promise.resolve('mine'));
  by.kill('SIGKILL');
  expect(await waiting).toBe('mine');
}

describe('a turn', () => {
  it('is kept by another process, and free as soon as that one is killed', async () => {
    const file = place();
    await isKept(file, await holder(file));
  });

  it.skipIf(!hasContainers)('is kept by a process of another container, whose number means nothing here', async () => {
    const file = place();
    await isKept(file, await holder(file, ['unshare', ...container]));
  });

  it('is one after another in this process, also where one of them fails', async () => {
    const file = place();
    const said: string[] = [];
    const work = (name: string) => async () => {
      said.push(`${name} begins`);
      await Promise.resolve();
      said.push(`${name} ends`);
      if (name === 'a') throw new Error('a failed');
    };
    const all = await Promise.allSettled(['a', 'b', 'c'].map((name) => inTurn(file, 0, work(name))));
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is nobody’s where the file cannot be locked', async () => {
    const file = place();
    writeFileSync(file, 'something else\n'.repeat(100));
    await expect(inTurn(file, 0, async () => Promise.resolve())).rejects.toMatchObject({ code: 'TERRAFORM_FAILED' });
  });
});
