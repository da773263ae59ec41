import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { doorToken } from './process.ts';

/** How one delivery was answered. Milliseconds. */
export interface Answered {
  status: number;
  words: string;
  /** From the time at which it was due, not from when the generator got round to it. */
  latency: number;
  /** How late the generator was itself: part of the latency, and not the door's fault. */
  late: number;
}

export interface Load {
  door: string;
  /** Deliveries a second. */
  rate: number;
  amount: number;
  body: (index: number) => string;
}

/**
 * Open loop: each delivery has its time and goes out then, whether earlier ones were answered or not. So a door that
 * stands still for a second is measured as that (coordinated omission).
 */
export async function deliver({ door, rate, amount, body }: Load): Promise<Answered[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const begun = performance.now();
  const answers: Promise<Answered>[] = [];
  for (let index = 0; index < amount; index += 1) {
    const due = begun + (index * 1000) / rate;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    answers.push(post(agent, door, body(index), due));
  }
  const all = await Promise.all(answers);
  agent.destroy();
  return all;
}

/** One delivery by itself. */
export async function deliverOne(door: string, body: string): Promise<Answered> {
  const agent = new Agent();
  return post(agent, door, body, performance.now());
}

function post(agent: Agent, door: string, body: string, due: number): Promise<Answered> {
  const late = performance.now() - due;
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${doorToken}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const end = (status: number, words: string) => resolve({ status, words, late, latency: performance.now() - due });
    const outgoing = request(door, { method: 'POST', agent, headers }, (incoming) => {
      let words = '';
      incoming.on('data', (chunk: Buffer) => (words += chunk.toString()));
      incoming.on('end', () => end(incoming.statusCode ?? 0, words.trim()));
    });
    outgoing.on('error', (error) => end(0, error.message));
    outgoing.end(body);
  });
}
