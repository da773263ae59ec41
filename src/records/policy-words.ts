import type { PersonMerges, Verdict } from '../core/plan.ts';
import { printAge } from '../texts/words.ts';
import { escapeText } from './escape.ts';

/** `policy *guests*: one approval · expires in 24 h` */
export function policyWords(policy: Verdict): string {
  const rule = policy.rule === '' ? 'policy' : `policy *${escapeText(policy.rule, 80) || '-'}*`;
  return `${rule}: ${approvalWords(policy)} · expires in ${printAge(policy.expiresAfter)}`;
}

/** What a level asks of people. */
export function approvalWords({ level, needs, personMerges }: Verdict): string {
  if (personMerges !== undefined) return `a person merges it, because ${personMergesWords[personMerges]}`;
  if (level === 'auto') return 'gitmend merges it once plan and checks are green';
  if (level === 'notify') return 'gitmend merges it once plan and checks are green, and tells people';
  if (level === 'forbidden') return 'nobody may approve it';
  if (level === 'approve') return 'one approval';
  return needs === 1 ? 'one approval, not the author’s' : `${needs} approvals of different people, none the author`;
}

/** Why a person merges what the level leaves to gitmend. */
export const personMergesWords: { readonly [why in PersonMerges]: string } = {
  ci: 'a job of CI cannot know that gitmend made its head',
  choice: 'which way to go is for people to choose',
  'not-own': 'gitmend merges only what it opened itself',
};

/** What merging means, for the line below a plan's heading. */
export function mergingWords({ level, needs, personMerges }: Verdict): string {
  const again = 'If anything below moves before, it is planned again.';
  if (personMerges !== undefined)
    return `**Merging approves exactly this**, and a person merges it, because ${personMergesWords[personMerges]}. ${again}`;
  if (level === 'auto' || level === 'notify') {
    return `**Merging approves exactly this**, and gitmend merges it by itself once the checks are green. ${again}`;
  }
  if (level === 'approve') return `**Merging approves exactly this.** ${again}`;
  const others = needs === 1 ? 'one person' : `${needs} people`;
  return `**Merging approves exactly this**, once ${others} other than the author approved it (merging counts as one). ${again}`;
}

/** Whose approvals count, and which teams the forge does not tell of: those count for nobody. */
export function countedWords({ eligible, notCounted = [] }: Verdict): string {
  const hidden =
    notCounted.length === 0 ? '' : `; not counted, because the forge does not tell who is in it: ${someOf(notCounted)}`;
  return `${eligible.length === 0 ? 'nobody' : someOf(eligible)}${hidden}`;
}

function someOf(entries: readonly string[]): string {
  const shown = entries.slice(0, mostPeople).map((entry) => escapeText(entry, 200));
  return [...shown, ...(entries.length > mostPeople ? [`and ${entries.length - mostPeople} more`] : [])].join(', ');
}

const mostPeople = 30;
