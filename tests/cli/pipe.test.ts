import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { endWithReader } from '../../src/cli/pipe.ts';

const program = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });

function speaker(listening: boolean) {
  const [stdout, stderr, signals] = [new EventEmitter(), new EventEmitter(), { sent: 0 }];
  const emit = (): boolean => {
    signals.sent += 1;
    return listening;
  };
  return { stdout, stderr, signals, stopped: endWithReader({ stdout, stderr, emit }) };
}

describe('a reader that has read enough', () => {
  it.each(['stdout', 'stderr'] as const)('of %s ends the command quietly, and well', async (stream) => {
    const words = stream === 'stdout' ? ['--help'] : ['no-such-command'];
    const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    // Long before the command has anything to say.
    child[stream].destroy();
    let said = '';
    const other = stream === 'stdout' ? child.stderr : child.stdout;
    other.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect([await once(child, 'close'), said]).toEqual([[stream === 'stdout' ? 0 : 2, null], '']);
  });

  it('stops a command that goes on until it is stopped, once', () => {
    const { stdout, stderr, signals, stopped } = speaker(true);
    stderr.emit('error', gone);
    expect([signals.sent, stopped()]).toEqual([0, false]);
    for (let times = 0; times < 3; times += 1) stdout.emit('error', gone);
    expect([signals.sent, stopped()]).toEqual([1, true]);
  });

  it('lets a command that ends by itself do what it began', () => {
    const { stdout, stopped } = speaker(false);
    stdout.emit('error', gone);
    expect(stopped()).toBe(false);
  });

  it('is not what any other failure is', () => {
    const full = Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
    const { stdout, stderr } = speaker(true);
    for (const stream of [stdout, stderr]) expect(() => stream.emit('error', full)).toThrow('ENOSPC');
  });
});
