import { type Token, partsOf, tokensOf } from './jinja.ts';

/** What a template may reach beside values. */
export interface Reach {
  /** Names that `lookup('env', …)` may read. */
  environment: readonly string[];
}

/** Lookups that only rearrange values. */
const harmless = new Set([
  'dict',
  'flattened',
  'indexed_items',
  'inventory_hostnames',
  'items',
  'list',
  'nested',
  'sequence',
  'subelements',
  'together',
  'varnames',
  'vars',
]);

/** Lookups that read a file of the tree, where its name is written down. */
const ofFiles = new Set(['file', 'fileglob', 'first_found', 'template']);

const reasons: { readonly [name: string]: string } = {
  pipe: "runs a program on gitmend's machine, in check mode too",
  lines: "runs a program on gitmend's machine, in check mode too",
  url: "asks an address from gitmend's machine, in check mode too",
  password: "writes a file on gitmend's machine, in check mode too",
  env: "reads a variable of gitmend's own process that gitmend.yaml does not name in ansible: environment:",
  random_choice: 'gives something else at every run, so no plan would be kept',
};

/** Filters that look at gitmend's own machine. */
const filters: { readonly [name: string]: string } = {
  fileglob: "looks into the folders of gitmend's machine",
  expandvars: "reads the environment of gitmend's process",
  expanduser: "looks at gitmend's machine",
  realpath: "looks at gitmend's machine",
  unvault: 'opens what is encrypted',
};

/** What a text with templates does beside naming values, one sentence each: `lookup('pipe') runs a program …`. */
export function reachOfText(text: string, reach: Reach): string[] {
  const { inside } = partsOf(text);
  return inside.flatMap((part) => (part.open === '{#' ? [] : reachOf(part.text, reach)));
}

/** The same of an expression without braces, as `when:` has it. */
export function reachOf(expression: string, reach: Reach): string[] {
  const tokens = tokensOf(expression);
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'name') return [];
    const before = tokens[index - 1];
    if (isSign(before, '|')) return filterReach(token.text, tokens, index);
    if (isSign(before, '.')) return [];
    if (token.text === 'lookup' || token.text === 'query') return lookupReach(tokens, index, reach);
    return token.text === 'q' && isSign(tokens[index + 1], '(') ? lookupReach(tokens, index, reach) : [];
  });
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text;
}

function filterReach(first: string, tokens: readonly Token[], index: number): string[] {
  // `ansible.builtin.fileglob` is a filter of three names.
  const names = [first];
  for (let at = index + 1; isSign(tokens[at], '.') && tokens[at + 1]?.kind === 'name'; at += 2)
    names.push(tokens[at + 1]?.text ?? '');
  const name = shortName(names.join('.'));
  const why = filters[name];
  return why === undefined ? [] : [`the filter ${name} ${why}`];
}

function lookupReach(tokens: readonly Token[], index: number, reach: Reach): string[] {
  const [open, first, after] = tokens.slice(index + 1, index + 4);
  const own = tokens[index]?.text ?? 'lookup';
  if (!isSign(open, '(') || first?.kind !== 'literal' || (!isSign(after, ',') && !isSign(after, ')')))
    return [`${own}(…) does not say in quotes which lookup it is, so nobody can say what it runs`];
  return reachOfLookup(first.text, argumentOf(tokens, index + 4), reach);
}

/** The one argument behind the name, where it is a text in quotes and nothing else. */
function argumentOf(tokens: readonly Token[], from: number): string | undefined {
  const [argument, after] = tokens.slice(from, from + 2);
  return argument?.kind === 'literal' && (isSign(after, ')') || isSign(after, ',')) ? argument.text : undefined;
}

/** What a lookup reaches: called in a template, or as `with_NAME:`. `argument`: the text that it is given, if it is one. */
export function reachOfLookup(name: string, argument: string | undefined, { environment }: Reach): string[] {
  const plain = shortName(name);
  if (harmless.has(plain)) return [];
  if (ofFiles.has(plain)) {
    if (argument === undefined)
      return [`lookup('${plain}') reads a file of gitmend's machine whose name is only known while it runs`];
    return insideTree(argument) ? [] : [`lookup('${plain}', '${argument}') reads a file outside of the repository`];
  }
  if (plain === 'env' && argument !== undefined && environment.includes(argument)) return [];
  return [
    `lookup('${plain}') ${reasons[plain] ?? "runs on gitmend's machine, and is none of those that only name values"}`,
  ];
}

function shortName(name: string): string {
  return name.replace(/^ansible\.(?:builtin|legacy)\./, '');
}

/** A relative path without `..` and without a template. */
export function insideTree(path: string): boolean {
  return path !== '' && !/^[/~]|(?:^|\/)\.\.(?:\/|$)|[{}$\0\n]/.test(path);
}
