import { z } from 'zod';
import { jsonIn } from '../core/json.ts';

// What src/appliers/ansible/callback/gitmend_events.py writes: a line of JSON for each.

const text = z.string();

const start = z.object({
  event: z.literal('start'),
  core: text,
  collections: z.record(text, z.object({ version: text, files: text }).nullable()),
});

const play = z.object({
  event: z.literal('play'),
  play: text,
  hosts: z.array(z.object({ name: text, groups: z.array(text), address: text, port: text, user: text })),
});

const result = z.object({
  event: z.literal('result'),
  status: z.enum(['ok', 'skipped', 'failed', 'unreachable']),
  play: text,
  host: text,
  task: text,
  /** File and line of the task: `/folder/ansible/playbooks/site.yaml:5`. */
  path: text,
  module: text,
  handler: z.boolean(),
  changed: z.boolean(),
  /** The whole of a loop, whose items came before. */
  loop: z.boolean(),
  isItem: z.boolean(),
  item: text.nullable(),
  hidden: z.boolean(),
  /** It failed, and the play goes on. */
  ignored: z.boolean(),
  /** Why it was left out: `Conditional result was False`. '' where only check mode leaves it out. */
  condition: text,
  message: text,
  target: text,
  diff: z.array(z.union([z.object({ name: text, lines: z.array(text) }), z.object({ unshown: text })])),
});

const end = z.object({ event: z.literal('end'), hosts: z.record(text, z.object({ failures: z.number() })) });

const event = z.discriminatedUnion('event', [
  start,
  play,
  result,
  end,
  z.object({ event: z.literal('no-hosts'), play: text }),
]);

export type Result = z.infer<typeof result>;

/** All of one run. */
export interface RunEvents {
  core: string;
  collections: z.infer<typeof start>['collections'];
  plays: z.infer<typeof play>[];
  results: Result[];
  /** Failures that nothing rescued, by host. `undefined`: the run did not come to its end. */
  failures: { [host: string]: number } | undefined;
}

/** The lines of a run, or why they cannot be read. */
export function readEvents(lines: string): { ok: true; run: RunEvents } | { ok: false; why: string } {
  const run: RunEvents = { core: '', collections: {}, plays: [], results: [], failures: undefined };
  for (const [index, line] of lines.split('\n').entries()) {
    if (line === '') continue;
    const read = event.safeParse(jsonIn(line));
    // A value could be a secret: only the place is told.
    if (!read.success)
      return { ok: false, why: `line ${index + 1} of its events has a shape that gitmend does not know` };
    add(run, read.data);
  }
  return run.core === '' ? { ok: false, why: 'it told nothing of itself' } : { ok: true, run };
}

function add(run: RunEvents, one: z.infer<typeof event>): void {
  if (one.event === 'start') [run.core, run.collections] = [one.core, one.collections];
  else if (one.event === 'play') run.plays.push(one);
  else if (one.event === 'result') run.results.push(one);
  else if (one.event === 'end')
    run.failures = Object.fromEntries(Object.entries(one.hosts).map(([host, { failures }]) => [host, failures]));
}
