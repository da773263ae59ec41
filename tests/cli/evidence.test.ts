import { describe, expect, it } from 'vitest';
import { evidenceOf } from '../../src/cli/evidence.ts';
import { GitmendError } from '../../src/core/errors.ts';
import type { EvidenceRequest } from '../../src/core/evidence-request.ts';
import { readDeclared } from '../../src/deliver/declared.ts';
import { serve } from '../support/http.ts';

const guest = `name: postgres
cluster: home
node: pve1
vmid: 200
type: lxc
cores: 2
memory: 2048
swap: 512
disk: { storage: local-lvm, size: 32 }
network: { bridge: vmbr0, address: 192.168.1.20/24, gateway: 192.168.1.1 }
`;
const configuration = (more: string): string => `version: 1
forge: { kind: local }
approvers: [alice]
clusters:
  - { name: home, endpoint: "https://pve1:8006", fingerprint: "${'AB'.repeat(32)}", read: env:R, exporters: [pve1] }
${more}`;

const clock = { now: () => Date.parse('2026-11-20T03:34:10Z'), sleep: () => Promise.resolve() };
const request: EvidenceRequest = {
  target: 'home/lxc/200',
  guest: { cluster: 'home', type: 'lxc', vmid: 200 },
  node: 'pve1',
  facts: ['guest.memory.workingSet', 'guest.memory.used'],
  days: 1,
};

function gather(more: string) {
  const tree = new Map([
    ['gitmend.yaml', configuration(more)],
    ['guests/postgres.yaml', guest],
  ]);
  const unreachable = (): never => {
    throw new GitmendError('PVE_UNREACHABLE', 'pve1 does not answer');
  };
  return evidenceOf(readDeclared('c0ffee', tree), unreachable, clock)(request);
}

describe('evidence for one set of rules', () => {
  it('comes from Proxmox VE alone where no Prometheus is named', async () => {
    const { facts, gaps } = await gather('');
    expect(facts).toEqual({});
    expect(gaps.map(({ problem }) => problem)).toEqual(['PVE_UNREACHABLE: pve1 does not answer']);
  });

  it('comes from Prometheus as well where one is named, asked by the declared name and address', async () => {
    const asked: string[] = [];
    const url = await serve((incoming, response) => {
      const expression = new URL(incoming.url ?? '', 'http://x').searchParams.get('query') ?? '';
      asked.push(expression);
      const series = (instance: string) => ({
        metric: { __name__: 'container_memory_working_set_bytes', id: '/lxc/200', instance },
        values: [[clock.now() / 1000 - 10, instance === 'pve1' ? '7' : '9']],
      });
      const result = expression.includes('id=~') ? [series('pve1')] : [];
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
    });
    const { facts } = await gather(`prometheus: { url: "${url}" }\n`);
    expect(facts['guest.memory.workingSet']).toMatchObject({ value: 7, at: '2026-11-20T03:34:00Z' });
    expect(asked).toContainEqual(
      expect.stringContaining(String.raw`instance=~"(?:postgres|192\\.168\\.1\\.20)(?::[0-9]{1,5})?"`),
    );
  });
});
