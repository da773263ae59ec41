import { digestOf, digestOfText } from '../core/json.ts';
import { escapeCode, escapeText } from './escape.ts';
import { body } from './pull-request.ts';

/** Rules that a person asked for at the terminal. */
export interface PoliciesWords {
  file: string;
  text: string;
  rules: readonly { name: string; kinds: readonly string[]; level: string }[];
  fingerprint: string;
}

/** Title and body of the pull request that adds rules for kinds of steps that no rule names. */
export function printPolicies({ file, text, rules, fingerprint }: PoliciesWords): { title: string; body: string } {
  const proposed = digestOf({ kind: 'policies', file, text: digestOfText(text) });
  const kinds = [...new Set(rules.flatMap((rule) => rule.kinds))];
  const row = ({ name, kinds: of, level }: PoliciesWords['rules'][number]) =>
    `| ${escapeText(name, 100)} | ${escapeText(of.join(', '), 300)} | ${escapeText(level, 40)} |`;
  const parts = [
    `No rule in \`policies/\` names ${escapeText(kinds.join(', '), 400)}, so every pull request that leads to one is refused (\`no-rule\`). Asked for at the terminal: ${escapeCode(file, 100)}, with what gitmend's template says of them.`,
    ['| rule | kinds of steps | level |', '|---|---|---|', ...rules.map(row)].join('\n'),
    'Change it here before you merge it, if you want them otherwise. No rule of yours is touched, and none that is there decides about these kinds.',
  ];
  return {
    title: `policies: rules for ${kinds.length > 3 ? `${kinds.length} kinds of steps` : kinds.join(', ')}`,
    body: body(parts, { kind: 'policies', remedy: 'policies', fingerprint, proposed }),
  };
}
