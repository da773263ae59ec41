import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { missingKinds, type Policies, readPolicies, rulesForMissing } from '../../src/policy/index.ts';

const folder = new URL('../../policies/', import.meta.url);
const template = new Map(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
const whole = new Map([...template].map(([name, text]) => [`policies/${name}`, text]));

function read(tree: ReadonlyMap<string, string>): Policies {
  const found = readPolicies(tree);
  if (!found.ok) throw new Error('the rules cannot be read');
  return found.value;
}

/** The template as it was before these kinds of steps. */
function without(...kinds: string[]): Map<string, string> {
  return new Map(
    [...whole].map(([path, text]) => [
      path,
      kinds.reduce((so, kind) => so.replaceAll(new RegExp(`, ${kind}\\b`, 'g'), ''), text),
    ]),
  );
}

describe('rules for kinds of steps that no rule names', () => {
  it('are none where the template is as it is', () => {
    expect(missingKinds(read(whole))).toEqual([]);
    expect(rulesForMissing(whole, read(whole), { template, alone: false })).toBeUndefined();
  });

  it('are those of the template, in a file of their own that decides about these kinds and no other', () => {
    const old = without('tag-guest', 'move-disk');
    const found = rulesForMissing(old, read(old), { template, alone: false });
    expect(found?.text).toBe(
      [
        "# policies/newer-steps.yaml          Kinds of steps that are newer than the other rules here, as gitmend's template decides them.",
        'version: 1',
        'rules:',
        '  - name: "critical guests need two people: newer steps"',
        '    when: { step: [tag-guest, move-disk], target: { tags: [critical] } }',
        '    level: approve-2',
        '    expires: "24h"',
        '  - name: "guests: newer steps"',
        '    when: { step: [tag-guest, move-disk] }',
        '    level: approve',
        '    expires: "24h"',
        '    cooldown: "30m"',
        '',
      ].join('\n'),
    );
    const after = new Map([...old, [found?.file ?? '', found?.text ?? '']]);
    expect(missingKinds(read(after))).toEqual([]);
    expect(found?.rules.map(({ kinds }) => kinds)).toEqual([
      ['tag-guest', 'move-disk'],
      ['tag-guest', 'move-disk'],
    ]);
  });

  it('ask one person where there is one, and take another name than a file that is there', () => {
    const old = new Map([...without('destroy-guest'), ['policies/newer-steps.yaml', 'version: 1\nrules: []\n']]);
    const bare = { rules: read(old).rules.filter(({ when }) => !when.step.includes('destroy-guest')) };
    const found = rulesForMissing(old, bare, { template, alone: true });
    expect(found?.file).toBe('policies/newer-steps-2.yaml');
    expect(found?.rules).toEqual([
      { name: 'critical guests', kinds: ['destroy-guest'], level: 'approve' },
      { name: 'destroying', kinds: ['destroy-guest'], level: 'approve' },
    ]);
    expect(found?.text).toContain('  - name: destroying\n');
  });

  it('are not asked for where a kind is named for some targets only', () => {
    const own =
      'version: 1\nrules:\n  - { name: mine, when: { step: tag-guest, target: { names: [web] } }, level: forbidden }\n';
    expect(missingKinds(read(new Map([['policies/a.yaml', own]])))).not.toContain('tag-guest');
  });
});
