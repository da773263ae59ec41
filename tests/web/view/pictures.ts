import type { Truth } from '../../../src/deliver/truth.ts';
import type { RunRecord } from '../../../src/core/run.ts';
import type { Picture } from '../../../src/web/view/picture.ts';
import { hex } from '../../records/examples.ts';

/** A picture in which nothing happens, with what a test adds. */
export function picture(changes: Partial<Picture> = {}): Picture {
  return {
    at: '2026-11-20T04:00:00Z',
    open: [],
    past: [],
    divergences: [],
    seen: [],
    waiting: 0,
    dead: [],
    ...changes,
  };
}

/** A truth in which everything is settled, with what a test adds. Only what pages read of it is there. */
export function truthWith(
  changes: { records?: readonly RunRecord[] } & Partial<
    Pick<Truth, 'units' | 'journals' | 'findings' | 'head' | 'rules' | 'applied'>
  >,
): Truth {
  const tree = new Map([['gitmend.yaml', 'version: 1\n']]);
  const config = { approvers: ['maintainer'] };
  const declared = { commit: hex('2', 40), tree, config, policies: undefined, guests: new Map(), faults: [] };
  const { records = [], ...rest } = changes;
  return {
    head: declared,
    rules: declared,
    applied: { version: 1, rules: declared.commit, targets: {} },
    appliedTip: '',
    records: records.map((record) => ({
      path: `records/2026/11/${record.run}.yaml`,
      digest: `sha256:${hex('0')}`,
      record,
    })),
    journals: [],
    units: [],
    findings: [],
    order: [],
    laterThan: () => false,
    ...rest,
  } as unknown as Truth;
}
