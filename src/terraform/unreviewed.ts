import { sameValue } from '../core/json.ts';
import { valueAt } from './inside.ts';
import type { Stacks } from './reach.ts';
import { againstReached, dataChecked } from './unreviewed-data.ts';

/**
 * What stands against planning what code under review synthesized, beside `againstStack`: a plan alone sends the state
 * and the credentials to where the stack says, and evaluates its expressions on this machine, where the token is.
 * `before`: the stacks as their code was applied; what stands there may stay.
 */
export function againstUnreviewed(stack: string, before: Stacks, after: Stacks): string[] {
  const config = after[stack];
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(stack)) return ['its name is no plain word of at most 64 letters'];
  const was = before[stack];
  return [
    ...strangeShapes(config),
    ...statesElsewhere(stack, before, config),
    ...providerSettings(was, config),
    ...remoteStates(was, config),
    ...againstReached(stack, before, after),
    ...dataChecked(was, config),
    ...callsIn(config, was),
  ];
}

const maps = ['terraform', 'provider', 'resource', 'data', 'module', 'variable', 'output', 'locals'];

/** Terraform also reads lists of maps in these places. What looks for a block by its name would not see it there. */
function strangeShapes(config: unknown): string[] {
  const places = maps.filter((part) => !isMap(valueAt(config, part)));
  const types = ['resource', 'data'].flatMap((part) =>
    entries(valueAt(config, part)).flatMap(([type, named]) => (isMap(named) ? [] : [`${part}.${type}`])),
  );
  return [...places, ...types].map((place) => `its ${place} is no map, and what stands in it cannot be judged`);
}

function isMap(value: unknown): boolean {
  return value === undefined || isObject(value);
}

function statesElsewhere(stack: string, before: Stacks, config: unknown): string[] {
  const backend = valueAt(config, 'terraform', 'backend');
  // OpenTofu works it out before anything else: its text may stay and come to another place (“early evaluation”).
  if (texts(backend).some((text) => template.test(text)))
    return [
      'its backend is an expression: what it comes to may be another place, and a plan would send the state there',
    ];
  const known =
    stack in before
      ? sameValue(backend ?? null, valueAt(before[stack], 'terraform', 'backend') ?? null)
      : Object.entries(before).some(([name, other]) =>
          isBeside(valueAt(other, 'terraform', 'backend'), backend, name, stack),
        );
  if (known) return [];
  return [
    stack in before
      ? 'its backend is another one than before: a plan would send the state and its credentials there'
      : 'it is new, and its backend is none of the others’ with its own name in it: a plan would send credentials there',
  ];
}

/** Where in a backend a stack may have its own name. In an address only behind the host. */
const ownPlaces = ['path', 'schema_name', 'key', 'prefix', 'workspace_key_prefix'];

function isBeside(known: unknown, wanted: unknown, name: string, stack: string): boolean {
  if (!isObject(known) || !isObject(wanted)) return false;
  const [[kind, one] = ['', undefined], [other, two] = ['', undefined]] = [
    Object.entries(known)[0],
    Object.entries(wanted)[0],
  ];
  if (kind !== other || !isObject(one) || !isObject(two)) return false;
  const keys = new Set([...Object.keys(one), ...Object.keys(two)]);
  // Two that are the same in everything are one state.
  if (sameValue(one, two)) return false;
  return [...keys].every((key) => {
    const [from, to] = [valueAt(one, key), valueAt(two, key)];
    if (sameValue(from ?? null, to ?? null)) return !ownPlaces.includes(key);
    if (typeof from !== 'string' || typeof to !== 'string') return false;
    if (ownPlaces.includes(key)) return from.replaceAll(name, stack) === to;
    const [host, there] = [hostOf(from), hostOf(to)];
    return (
      host !== undefined && host === there && from.slice(host.length).replaceAll(name, stack) === to.slice(there.length)
    );
  });
}

/** `https://user@state.home.lan:8443`, as it is written. */
function hostOf(text: string): string | undefined {
  return /^https?:\/\/[^/?#\\]+(?=\/)/.exec(text)?.[0];
}

/** What a provider is set to may say where it goes, and it goes there with what is in its environment. */
function providerSettings(was: unknown, config: unknown): string[] {
  return entries(valueAt(config, 'provider')).flatMap(([name, block]) => {
    const set = [block].flat().flatMap((one) => entries(one).filter(([key]) => key !== 'alias'));
    if (set.length === 0 || sameValue(block, valueAt(was, 'provider', name) ?? null)) return [];
    return [`the block of the provider ${name} sets ${set.map(([key]) => key).join(', ')} otherwise than before`];
  });
}

const ownWorkspace = '${terraform.workspace}';

function remoteStates(was: unknown, config: unknown): string[] {
  return entries(valueAt(config, 'data', 'terraform_remote_state')).flatMap(([name, block]) => {
    const known = sameValue(block, valueAt(was, 'data', 'terraform_remote_state', name) ?? null);
    // What an expression in it comes to may be another place, though its text stays. All but the one that cdktf and cdktn
    // write for every reference to another stack: no code says what it comes to.
    if (known && !texts(block).some((text) => template.test(text) && text !== ownWorkspace)) return [];
    return [`data.terraform_remote_state.${name} reads another place while the plan is made`];
  });
}

// Functions that compute from what they are given and nothing else
// (https://developer.hashicorp.com/terraform/language/functions). Those that read files of the machine are not among them,
// nor templatestring, which evaluates a text as it is made.
const computing = new Set(
  `abs alltrue anytrue base64decode base64encode can ceil chomp chunklist cidrhost cidrnetmask cidrsubnet cidrsubnets
  coalesce coalescelist compact concat contains distinct element endswith flatten floor format formatdate formatlist indent
  index join jsondecode jsonencode keys length log lookup lower map matchkeys max md5 merge min nonsensitive one parseint pow
  range regex regexall replace reverse sensitive setintersection setproduct setsubtract setunion sha1 sha256 sha512 signum
  slice sort split startswith strcontains strrev substr sum timeadd timecmp title tobool tolist tomap tonumber toset tostring
  transpose trim trimprefix trimspace trimsuffix try upper urlencode values yamldecode yamlencode zipmap for in if`.split(
    /\s+/,
  ),
);

/** One call with one text, and nothing in it that could come to something else. */
const literal = /^\$\{\w+\("[^"$%{}\\]*"\)\}$/;
/** What an expression is: from the first mark of a template on, escaped or not. */
const template = /[$%]\{[\s\S]*/;
/** A name in front of a parenthesis, with blanks and comments in between. */
const called = /([\p{L}_][\p{L}\p{N}_:-]*)(?:\s|\/\*[\s\S]*?\*\/|(?:#|\/\/)[^\n]*\n)*\(/gu;
/** Whatever its parenthesis is hidden behind. */
const reads = /\b(?:abspath|pathexpand|template(?:file|string)|file(?:exists|set|base64\w*|md5|sha\w*)?)\b/g;

function callsIn(config: unknown, was: unknown): string[] {
  const known = new Set(texts(was));
  const found = texts(config).flatMap((text) => {
    const [expression] = template.exec(text) ?? [];
    if (expression === undefined || (known.has(text) && literal.test(text))) return [];
    const calls = [...expression.matchAll(called)].map(([, name = '']) => name).filter((name) => !computing.has(name));
    return [...calls, ...(expression.match(reads) ?? [])];
  });
  return [...new Set(found)]
    .sort()
    .map((name) => `an expression of it calls ${name}(), which gitmend does not know to only compute`);
}

/** Every text of a value, its keys too: Terraform reads expressions in both. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isObject(value) ? Object.entries(value).flatMap(([key, inner]) => [key, ...texts(inner)]) : [];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value).filter(([key]) => key !== '//') : [];
}
