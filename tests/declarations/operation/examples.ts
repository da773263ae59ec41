import type { ApplyDeclared } from '../../../src/declarations/operation/index.ts';

/** A ULID's first ten letters are its time. */
export const id = '01K9YWQHMGABCDEFGHJKMNPQRS';
export const made = Date.parse('2025-11-13T15:18:18Z');

export const insist = (changes: Partial<ApplyDeclared> = {}): ApplyDeclared => ({
  version: 1,
  id,
  remedy: 'apply-declared',
  target: 'home/lxc/200',
  parameters: { fields: ['memory'] },
  reason: 'insist on 3072 MiB: the plan of #42 was stale',
  evidence: ['memory 4096 MiB, PVE GET /nodes/pve1/lxc/200/config, 2025-11-13T15:18:00Z'],
  expectedState: `sha256:${'a'.repeat(64)}`,
  expiresAt: '2025-11-14T15:18:18Z',
  inverse: { kind: 'set-guest-config', set: { memory: 4096 } },
  ...changes,
});
