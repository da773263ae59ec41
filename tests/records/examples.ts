import type { Proposed } from '../../src/core/diagnosis.ts';
import type { PlanRecord, Verdict } from '../../src/core/plan.ts';
import { actionsDigest, type Step } from '../../src/core/step.ts';
import type { RunRecord } from '../../src/core/run.ts';
import type { Digest } from '../../src/core/json.ts';

// One story, told by every text: LXC 200 postgres runs out of memory on 20 November 2026.

export const hex = (letter: string, length = 64): string => letter.repeat(length);
export const sha = (letter: string): Digest => `sha256:${hex(letter)}`;

export const oneApproval: Verdict = {
  level: 'approve',
  rule: 'guests',
  needs: 1,
  eligible: ['maintainer'],
  expiresAfter: 24 * 3600,
};

export const signal = {
  name: 'LxcMemoryHigh',
  fingerprint: '5ef2a1b3c4d5e6f7',
  labels: { alertname: 'LxcMemoryHigh', id: 'lxc/200' },
  startsAt: '2026-11-20T03:12:00Z',
};

export const resize: Step = {
  applier: 'proxmox',
  target: 'home/lxc/200',
  name: 'postgres',
  where: 'lxc/200 on pve1',
  kind: 'resize-guest',
  action: { kind: 'set-guest-config', set: { memory: 3072 } },
  preState: sha('c'),
  before: { memory: 2048 },
  after: { memory: 3072 },
  changes: [{ field: 'memory', before: 2048, after: 3072, unit: 'MiB' }],
  inverse: { kind: 'set-guest-config', set: { memory: 2048 } },
  live: true,
  reboots: false,
  destroys: false,
};

const machine = { target: 'home/qemu/101', name: 'frigate', where: 'qemu/101 on pve1' };

/** A virtual machine takes memory only with a restart: two steps. */
export const waits: Step = {
  ...resize,
  ...machine,
  action: { kind: 'set-guest-config', set: { memory: 8192 } },
  before: { memory: 4096 },
  after: { memory: 8192 },
  changes: [{ field: 'memory', before: 4096, after: 8192, unit: 'MiB' }],
  inverse: { kind: 'set-guest-config', set: { memory: 4096 } },
  live: false,
};

export const restarts: Step = {
  ...waits,
  kind: 'restart-vm',
  action: { kind: 'reboot-guest', makes: { memory: 8192 } },
  changes: [{ field: 'restart', before: 'running', after: 'restarted', unit: '' }],
  inverse: { kind: 'reboot-guest', makes: { memory: 4096 } },
  reboots: true,
};

/** No step of this version destroys; the comment can say it all the same. */
export const destroys: Step = {
  ...resize,
  target: 'home/lxc/300',
  name: 'scratch',
  where: 'lxc/300 on pve1',
  destroys: true,
  inverse: 'irreversible',
};

export function planRecord(changes: Partial<PlanRecord> = {}): PlanRecord {
  const steps = changes.steps ?? [resize];
  return {
    version: 1,
    pullRequest: 42,
    head: hex('1', 40),
    base: hex('2', 40),
    mergeTree: hex('3', 40),
    rules: hex('2', 40),
    inForce: { config: sha('5'), policies: sha('6') },
    remedy: 'resize-guest',
    fingerprint: '3f9c1a0b2c4d',
    steps,
    actions: actionsDigest(steps),
    refusals: [],
    policy: oneApproval,
    preview: { accepted: true, notes: ['not locked', 'config unchanged since it was read', '11.2 GiB free on pve1'] },
    previewedAt: '2026-11-20T03:34:12Z',
    synthesized: ['proxmox_virtual_environment_container.postgres.memory.dedicated: 2048 → 3072'],
    notes: [],
    operations: [],
    verification: {
      window: 600,
      watch: 86_400,
      predicate: 'resize-guest',
      words: 'usage stays under 90 %, stalls under 10 %, nothing is killed, and the alert resolves',
      answered: ['guest.memory.used', 'guest.psi.memory.some'],
      signal,
    },
    shownAt: '2026-11-20T03:34:12Z',
    expiresAt: '2026-11-21T03:34:12Z',
    tools: { gitmend: '0.1.0', pve: '9.1.3' },
    ...changes,
  };
}

const source = 'PVE GET /nodes/pve1/lxc/200/status/current';
const fact = (name: string, value: string, at = '2026-11-20T03:34:10Z') => ({ fact: name, value, source, at });

export const diagnosis: Proposed = {
  outcome: 'proposed',
  family: 'memory',
  target: 'home/lxc/200',
  name: 'postgres',
  summary:
    'postgres (lxc/200 on pve1) has been out of memory for 22 minutes: 96 % of 2048 MiB in use without cache, 500 MiB swapped out, tasks stalled on memory 31 % of the time',
  rule: 'memory-too-small',
  decidedBy: [
    fact('memory in use', '1966 MiB'),
    fact('memory cap', '2048 MiB'),
    fact('swapped out', '500 MiB'),
    fact('stalls on memory', '31 %'),
    fact('memory available on pve1', '11.2 GiB'),
    fact('history', '672 points, one per 30 minutes', '2026-11-20T03:30:00Z'),
  ],
  considered: [
    { cause: 'page cache', verdict: 'no: 40 MiB' },
    { cause: 'leak', verdict: 'no: both weeks are flat' },
    { cause: 'a busy night', verdict: 'no: every night for 14 days' },
    { cause: 'host headroom', verdict: 'enough' },
  ],
  signal: {
    ...signal,
    door: 'alertmanager',
    status: 'firing',
    family: 'memory',
    asks: 'grow',
    annotations: {},
    repeats: 14,
  },
  remedy: 'resize-guest',
  parameters: { memory: 3072 },
  group: 'memory',
  basis: {
    window: '14 days',
    points: 672,
    formula: 'the larger of peak and cap, plus what is swapped out, × 1.2, rounded up to 128 MiB',
  },
  confidence: 'high',
  fingerprint: '3f9c1a0b2c4d',
  rows: [
    {
      field: 'memory',
      now: '2048 MiB',
      proposed: '3072 MiB',
      why: 'at its cap with 500 MiB swapped out: 2548 MiB + 20 %, rounded up',
    },
  ],
  effects: ['Applied live, without a reboot.', 'pve1 keeps 10.2 GiB free.'],
};

export const runRecord: RunRecord = {
  version: 1,
  run: hex('4', 40),
  outcome: 'verified',
  remedy: 'resize-guest',
  target: 'home/lxc/200',
  name: 'postgres',
  fingerprint: '3f9c1a0b2c4d',
  signal,
  pullRequest: {
    number: 42,
    head: hex('1', 40),
    merge: hex('9', 40),
    approvedBy: ['maintainer'],
    mergedBy: 'maintainer',
    title: 'postgres: memory 2048 → 3072 MiB',
  },
  plan: { record: sha('a'), actions: sha('7') },
  steps: [
    {
      target: 'home/lxc/200',
      action: 'set memory',
      before: { memory: 2048 },
      after: { memory: 3072 },
      at: '2026-11-20T03:41:07Z',
      took: '1.3s',
      effect: 'sha1:5f2c',
      undo: 'set memory 2048',
    },
  ],
  applied: { merge: hex('9', 40), fields: { 'home/lxc/200': ['memory'] } },
  verification: {
    window: '10m',
    looks: 11,
    observed: { usage: { before: 0.96, after: 0.64 }, stalls: { before: 0.31, after: 0.004 } },
    alertResolvedAt: '2026-11-20T03:44:00Z',
  },
  at: '2026-11-20T03:51:10Z',
  previous: sha('b'),
};
