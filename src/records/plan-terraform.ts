import type { PlanRecord } from '../core/plan.ts';
import type { TerraformPlan } from '../core/terraform-plan.ts';
import { printPlans, printSection, type StackPlan } from '../terraform/print.ts';
import { fencedBlock } from './escape.ts';
import { everything, type Room } from './plan-room.ts';

/** The section about Terraform, in the room that there is. Nothing where it was not asked. */
export function terraformParts(record: Pick<PlanRecord, 'terraform'>, room: Room): { parts: string[]; whole: boolean } {
  const stacks = byStack(record);
  if (stacks.length === 0) return { parts: [], whole: true };
  const { text, whole } = printSection(stacks, room.terraform);
  if (whole || room !== everything) return { parts: [text], whole };
  const lines = printPlans(stacks).trimEnd().split('\n');
  return { parts: [text, fencedBlock(lines, 'text', { lines: Infinity, letters: 4000 })], whole: true };
}

/** Guests of one stack are planned one by one, and read as one. */
function byStack({ terraform = [] }: Pick<PlanRecord, 'terraform'>): StackPlan[] {
  const stacks = new Map<string, TerraformPlan>();
  for (const { stack, plan } of terraform) {
    const before = stacks.get(stack);
    stacks.set(stack, before === undefined ? plan : joined(before, plan));
  }
  return [...stacks].map(([stack, plan]) => ({ stack, plan }));
}

function joined(a: TerraformPlan, b: TerraformPlan): TerraformPlan {
  return {
    terraformVersion: a.terraformVersion,
    ...(a.program === undefined ? {} : { program: a.program }),
    changes: [...a.changes, ...b.changes],
    unchanged: a.unchanged + b.unchanged,
    drift: [...a.drift, ...b.drift],
    failedChecks: [...a.failedChecks, ...b.failedChecks],
    outputs: [...new Set([...a.outputs, ...b.outputs])],
    objections: [...a.objections, ...b.objections],
  };
}
