import type { Finding } from './finding.ts';

/** `ok     cluster home: Proxmox VE 9.1.3 answers`, one line each, and one that sums up. */
export function printFindings(findings: readonly Finding[]): string {
  const lines = findings.map(({ level, about, what, mend }) => {
    const tail = mend === '' ? '' : `  — ${mend}`;
    return plain(`${level.padEnd(5)}  ${about}: ${what}${tail}`);
  });
  return [...lines, '', sum(findings)].join('\n');
}

function sum(findings: readonly Finding[]): string {
  const count = (level: Finding['level']): number => findings.filter((one) => one.level === level).length;
  const [faults, warnings] = [count('fault'), count('warn')];
  const words = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;
  if (faults + warnings === 0) return `${words(findings.length, 'check')}, all well.`;
  return `${words(findings.length, 'check')}: ${words(faults, 'fault')}, ${words(warnings, 'warning')}. Nothing was changed.`;
}

/** What servers say is outside text: one line, and nothing in it may move a terminal's cursor. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}
