import { type Token, partsOf, tokensOf } from './jinja.ts';

/** What a template may reach beside values. */
export interface Reach {
  /** Names that `lookup('env', …)` may read. */
  environment: readonly string[];
  /** Those of them that changed data may name as the password of sudo. */
  becomePasswords?: readonly string[];
  /** Collections whose filters may be used beside those of ansible-core; absent: those of any are let through. */
  collections?: readonly string[];
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
    if (token.kind === 'name' || token.kind === 'literal') {
      if (/^__\w+__$/.test(token.text)) return [`${token.text} reaches into Python itself, and could run anything`];
    }
    if (token.kind !== 'name') return [];
    const before = tokens[index - 1];
    if (isSign(before, '|')) return filterReach(token.text, tokens, index, reach);
    if (isSign(before, '.') || isKeyword(tokens, index)) return [];
    // Under another name it would not be seen where it is called.
    return ['lookup', 'query', 'q'].includes(token.text) ? lookupReach(tokens, index, reach) : [];
  });
}

/** `q=` of a call: the name of an argument. */
function isKeyword(tokens: readonly Token[], index: number): boolean {
  const opens = isSign(tokens[index - 1], '(') || isSign(tokens[index - 1], ',');
  return opens && isSign(tokens[index + 1], '=') && !isSign(tokens[index + 2], '=');
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text;
}

function filterReach(first: string, tokens: readonly Token[], index: number, reach: Reach): string[] {
  // `ansible.builtin.fileglob` is a filter of three names.
  const names = [first];
  let at = index + 1;
  for (; isSign(tokens[at], '.') && tokens[at + 1]?.kind === 'name'; at += 2) names.push(tokens[at + 1]?.text ?? '');
  const name = shortName(names.join('.'));
  if (name !== 'map') return reachOfFilter(name, reach);
  // It runs the filter whose name it is given.
  const [inner, next] = argumentsAt(tokens, at)[0] ?? [];
  if (inner?.kind === 'literal' && next === undefined) return reachOfFilter(shortName(inner.text), reach);
  return inner === undefined || (inner.kind === 'name' && isSign(next, '='))
    ? []
    : ['map(…) does not say in quotes which filter it runs, so nobody can say what that does'];
}

function reachOfFilter(name: string, { collections }: Reach): string[] {
  const why = Object.hasOwn(filters, name) ? filters[name] : undefined;
  if (why !== undefined) return [`the filter ${name} ${why}`];
  const [space = '', own = '', rest] = name.split('.');
  if (rest === undefined || collections?.includes(`${space}.${own}`) !== false) return [];
  return [`the filter ${name} comes from the collection ${space}.${own}, which gitmend.yaml does not name`];
}

/** What stands between the brackets of a call, comma by comma; none where nothing is called. */
function argumentsAt(tokens: readonly Token[], open: number): Token[][] {
  if (!isSign(tokens[open], '(')) return [];
  const found: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(open + 1)) {
    if (depth === 0 && isSign(token, ')')) return found.at(-1)?.length === 0 ? found.slice(0, -1) : found;
    if (token.kind === 'sign')
      depth += ['(', '[', '{'].includes(token.text) ? 1 : [')', ']', '}'].includes(token.text) ? -1 : 0;
    if (depth === 0 && isSign(token, ',')) found.push([]);
    else found.at(-1)?.push(token);
  }
  return found;
}

function lookupReach(tokens: readonly Token[], index: number, reach: Reach): string[] {
  const own = tokens[index]?.text ?? 'lookup';
  const [[first, ...more] = [], ...others] = argumentsAt(tokens, index + 1);
  if (first?.kind !== 'literal' || more.length > 0)
    return [`${own}(…) does not say in quotes which lookup it is, so nobody can say what it runs`];
  const options = others.filter(([name, sign]) => name?.kind === 'name' && isSign(sign, '='));
  const strange = options.map(([name]) => name?.text ?? '').find((name) => !plainOptions.has(name));
  const terms = others.filter((one) => !options.includes(one)).map(onlyText);
  const plain = shortName(first.text);
  if (strange !== undefined && !harmless.has(plain))
    return [`lookup('${plain}', ${strange}=…) says by ${strange} what it reads, and only plain words may`];
  return reachOfLookup(first.text, terms, reach);
}

/** Arguments that change how a lookup gives what it found, and not what it looks for. */
const plainOptions = new Set(['default', 'errors', 'lstrip', 'rstrip', 'skip', 'wantlist', 'convert_data']);

/** The text of an argument that is a text in quotes and nothing else. */
function onlyText([token, ...others]: readonly Token[]): string | undefined {
  return token?.kind === 'literal' && others.length === 0 ? token.text : undefined;
}

/** What a lookup reaches: called in a template, or as `with_NAME:`. `terms`: each text that it is given; `undefined` for what is none. */
export function reachOfLookup(name: string, terms: readonly (string | undefined)[], { environment }: Reach): string[] {
  const plain = shortName(name);
  if (harmless.has(plain)) return [];
  const open = terms.length === 0 || terms.includes(undefined);
  const texts = terms.flatMap((term) => term ?? []);
  if (ofFiles.has(plain)) {
    const outside = texts.filter((term) => !insideTree(term) || (plain === 'first_found' && /[,;:]/.test(term)));
    return [
      ...(open ? [`lookup('${plain}') reads a file of gitmend's machine whose name is only known while it runs`] : []),
      ...outside.map((term) => `lookup('${plain}', '${term.slice(0, 200)}') reads a file outside of the repository`),
    ];
  }
  if (plain === 'env' && !open && texts.every((term) => environment.includes(term))) return [];
  const why = Object.hasOwn(reasons, plain) ? reasons[plain] : undefined;
  return [`lookup('${plain}') ${why ?? "runs on gitmend's machine, and is none of those that only name values"}`];
}

function shortName(name: string): string {
  return name.replace(/^ansible\.(?:builtin|legacy)\./, '');
}

/** A relative path without `..` and without a template. */
export function insideTree(path: string): boolean {
  return path !== '' && !/^[/~]|(?:^|\/)\.\.(?:\/|$)|[{}$\0\n]/.test(path);
}
