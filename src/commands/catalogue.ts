/** What a command demands of whoever writes it. `approver`: named in gitmend.yaml, and may write the repository. */
export type Need = 'read' | 'write' | 'approver';

export interface CommandFacts {
  usage: string;
  /** One sentence part: what it does. */
  does: string;
  on: 'pull-request' | 'issue' | 'both';
  needs: Need;
  /** On an open pull request it is about the head that its writer saw, and about no other. */
  bound: boolean;
  /** It is not done on a pull request that ended after it was said. */
  asThen?: true;
}

/** Every command, in the order in which `/help` lists them. docs/commands.md is held equal to this by a test. */
export const commands = {
  plan: {
    usage: '/plan',
    does: 'plans this pull request again where anything moved',
    ...{ on: 'pull-request', needs: 'write', bound: true },
  },
  'dry-run': {
    usage: '/dry-run [operation]',
    does: 'reads everything anew and asks the live system whether it would accept the plan; changes nothing',
    ...{ on: 'pull-request', needs: 'write', bound: true },
  },
  explain: {
    usage: '/explain [word]',
    does: 'says why the plan is as it is, or what an error code or outcome means',
    ...{ on: 'both', needs: 'read', bound: false },
  },
  status: {
    usage: '/status',
    does: 'says where this pull request stands; on an issue, what is open, pending and unapproved',
    ...{ on: 'both', needs: 'read', bound: false },
  },
  snooze: {
    usage: '/snooze <duration>',
    does: 'closes this proposal of gitmend and does not make it again for so long (10m to 30d)',
    ...{ on: 'pull-request', needs: 'write', bound: true },
  },
  rollback: {
    usage: '/rollback',
    does: 'opens the pull request that takes back what this one applied, if that is safe now',
    ...{ on: 'pull-request', needs: 'approver', bound: false },
  },
  restore: {
    usage: '/restore',
    does: 'on a drift pull request: opens the one that brings back what is declared instead',
    ...{ on: 'pull-request', needs: 'approver', bound: true },
  },
  retry: {
    usage: '/retry',
    does: 'looks again at what did not go through; a closed proposal of gitmend is opened anew',
    ...{ on: 'pull-request', needs: 'approver', bound: true, asThen: true },
  },
  worked: {
    usage: '/worked',
    does: 'your word that it helped, where gitmend could not observe it; recorded as your word',
    ...{ on: 'pull-request', needs: 'approver', bound: false },
  },
  failed: {
    usage: '/failed',
    does: 'your word that it did not help, where gitmend could not observe it; recorded as your word',
    ...{ on: 'pull-request', needs: 'approver', bound: false },
  },
  diagnose: {
    usage: '/diagnose <target>',
    does: 'looks at a guest (postgres, lxc/200) as if an alert had come, and proposes what it finds',
    ...{ on: 'issue', needs: 'approver', bound: false },
  },
  help: { usage: '/help', does: 'lists the commands', ...{ on: 'both', needs: 'read', bound: false } },
} as const satisfies { readonly [name: string]: CommandFacts };

export type CommandName = keyof typeof commands;

export function isCommand(word: string): word is CommandName {
  return Object.hasOwn(commands, word);
}

/** What people expect of such a bot and gitmend does otherwise: what to do instead. */
const instead = {
  apply: 'A merge is the approval: what is merged with its plan shown is applied.',
  approve: 'Approve by a review of the pull request, or merge it: a merge is an approval too.',
  merge: 'Merge it as any pull request: the merge is the approval, and gitmend merges on nobody’s word.',
  undo: '`/rollback` opens the pull request that takes back what was applied.',
} as const;

/** What to do instead of `/apply`, `/approve.` …; `undefined` for every other word. */
export function insteadOf(word: string): string | undefined {
  const plain = word.replace(/[^a-z-]$/, '');
  return Object.hasOwn(instead, plain) ? instead[plain as keyof typeof instead] : undefined;
}

export function isMisconception(word: string): boolean {
  return insteadOf(word) !== undefined;
}

/** Words that bots beside gitmend listen to: it does not answer for them. */
const anothers = [
  'lgtm',
  'hold',
  'unhold',
  'test',
  'retest',
  'ok-to-test',
  'assign',
  'unassign',
  'cc',
  'label',
  'close',
];

export function isAnothersWord(word: string): boolean {
  return anothers.includes(word);
}

/** A command that an unknown word may have meant: one letter or mark more, one less, other, or two swapped. */
export function meant(word: string): CommandName | undefined {
  const names = Object.keys(commands) as CommandName[];
  return (
    names.find((name) => name.replace('-', '') === word.replaceAll('-', '')) ?? names.find((name) => near(word, name))
  );
}

function near(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  const [restShort, restLong] = [short.slice(at), long.slice(at)];
  if (long.length - short.length === 1) return restLong.slice(1) === restShort;
  const swapped = restShort.length > 1 && restShort[0] === restLong[1] && restShort[1] === restLong[0];
  return (
    short.length === long.length &&
    (restShort.slice(1) === restLong.slice(1) || (swapped && restShort.slice(2) === restLong.slice(2)))
  );
}
