import { describe, expect, it } from 'vitest';
import { mostInComment, printPlans, printSection, type StackPlan } from '../../src/terraform/index.ts';
import { made, planned, trusted } from './examples.ts';

const room = 40_000;

describe('the section of the plan comment', () => {
  it.each(['resize', 'wild'] as const)('of the plan %s reads as in its golden file', async (name) => {
    const { text, whole } = printSection([{ stack: 'guests', plan: planned(name) }], room);
    expect(whole).toBe(true);
    await expect(`${text}\n`).toMatchFileSnapshot(`plans/${name}.md`);
  });

  it('of a plan without changes is one line', () => {
    expect(printSection([{ stack: 'guests', plan: trusted(made([{ actions: ['no-op'] }])) }], room).text).toBe(
      '**Terraform**, stack guests: no changes.',
    );
  });

  it('shows outside text as text', () => {
    const nasty = '</details><script> @everyone `x` | ![](http://x)';
    const plan = trusted(
      made([{ address: `terraform_data.a["${nasty}"]`, actions: ['delete'] }, { after: { input: nasty } }], {
        checks: [{ address: { to_display: nasty }, status: 'fail' }],
      }),
    );
    const { text } = printSection([{ stack: nasty, plan }], room);
    const bare = text.replace(/`[^`\n]*`/g, '');
    expect(bare.match(/<\/details>/g)).toHaveLength(1);
    expect(bare).not.toMatch(/<script|@everyone\b|!\[\]\(/);
  });
});

describe('a plan of 3 MB on 120 stacks', () => {
  const long = 'x'.repeat(900);
  const stacks: StackPlan[] = Array.from({ length: 120 }, (_, at) => {
    const updates = Array.from({ length: 25 }, (_, one) => ({
      address: `terraform_data.s${at}_${one}`,
      before: { input: `${long}${one}` },
      after: { input: `${long}${one + 1}` },
    }));
    const worst = at === 77 ? [{ address: 'terraform_data.lost', actions: ['delete'] }] : [];
    return { stack: `stack-${String(at).padStart(3, '0')}`, plan: trusted(made([...updates, ...worst])) };
  });

  it('is one comment that a forge takes, with the destruction in its first lines', () => {
    const { text, whole } = printSection(stacks, mostInComment - 500);
    expect(JSON.stringify(stacks).length).toBeGreaterThan(3_000_000);
    expect(text.length).toBeLessThan(mostInComment - 500);
    expect(whole).toBe(false);
    expect(text.split('\n').slice(0, 4).join('\n')).toContain('**Destroys terraform_data.lost**');
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
    expect(text).toMatch(/\*\*\d+ more stacks are not shown here\*\*/);
  });

  it('is whole in the full text', () => {
    const full = printPlans(stacks);
    expect(full).toContain('destroy terraform_data.lost');
    expect(full.match(/^update /gm)).toHaveLength(120 * 25);
  });
});

it('of more destructions than a reader takes in, the first forty and the count stand unfolded', () => {
  const changes = Array.from({ length: 55 }, (_, at) => ({ address: `terraform_data.d${at}`, actions: ['delete'] }));
  const { text } = printSection([{ stack: 'guests', plan: trusted(made(changes)) }], room);
  expect(text.match(/^- \*\*Destroys /gm)).toHaveLength(40);
  expect(text).toContain('- **and 15 more of these**');
});
