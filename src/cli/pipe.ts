import type { EventEmitter } from 'node:events';

/** What of a process says something, and hears that it is to stop. */
export interface Speaker {
  stdout: Pick<EventEmitter, 'on'>;
  stderr: Pick<EventEmitter, 'on'>;
  emit: (signal: 'SIGTERM', name: 'SIGTERM') => boolean;
}

/**
 * A reader that has read enough (`gitmend log | head -3`) is no error: what nobody reads is not said, and what was begun is
 * done to its end. Commands that go on until they are stopped stop then. Returns whether that happened.
 */
export function endWithReader(speaker: Speaker): () => boolean {
  let stopped = false;
  let gone = false;
  speaker.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (gone) return;
    gone = true;
    // Whoever listens to the signal ends in order; unlike a real one it ends nobody else half-way.
    stopped = speaker.emit('SIGTERM', 'SIGTERM');
  });
  speaker.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return () => stopped;
}
