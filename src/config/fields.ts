import { z } from 'zod';
import type { EnvReference } from '../core/config.ts';
import { parseDuration, printDuration } from '../core/duration.ts';
import { say } from './read-yaml.ts';
import { shown } from './words.ts';

// The values that the files of the infrastructure repository are made of. Each says in its own words what is wrong.

/** `version: 1`, the only one there is. */
export function versionOne(): z.ZodLiteral<1> {
  return z.literal(1, {
    error: ({ input }) =>
      input === undefined ? undefined : say(`${shown(input)} is not a version that this gitmend reads`, 'write 1'),
  });
}

/** A text of one form; `form` completes “… is not”. */
export function textLike(pattern: RegExp, form: string, mend: (text: string) => string = () => ''): z.ZodString {
  return z.string().regex(pattern, {
    error: ({ input }) => say(`${shown(input)} is not ${form}`, mend(shown(input))),
  });
}

/** A whole number with a unit: `2g is not a number of MiB; did you mean 2048?` */
export function amount(unit: 'MiB' | 'GiB', { min, max }: { min: number; max: number }): z.ZodInt {
  const error = ({ input }: { input?: unknown }): string | undefined =>
    input === undefined
      ? undefined
      : say(`${shown(input)} is not a number of ${unit}`, meantAmount(input, unit, min, max));
  return bounded(z.int({ error }), { min, max, unit: ` ${unit}` });
}

/** A whole number without a unit. */
export function count({ min, max }: { min: number; max: number }): z.ZodInt {
  return bounded(z.int(), { min, max, unit: '' });
}

function bounded(schema: z.ZodInt, { min, max, unit }: { min: number; max: number; unit: string }): z.ZodInt {
  return schema
    .min(min, { error: ({ input }) => say(`${shown(input)}${unit} is less than ${min}${unit}`) })
    .max(max, { error: ({ input }) => say(`${shown(input)}${unit} is more than ${max}${unit}`) });
}

const sizes: { readonly [unit: string]: number } = { k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** `2g`, `2 GiB`, `"2048"`, `2048MB` → what was meant, in the unit of the field; '' where that is not a whole number. */
function meantAmount(input: unknown, unit: 'MiB' | 'GiB', min: number, max: number): string {
  const meant = typeof input === 'string' ? amountIn(input, unit) : undefined;
  return meant !== undefined && meant >= min && meant <= max ? `did you mean ${meant}?` : '';
}

/** `2g`, `2 GiB`, `2048`, `2048MB` → how many of the unit; a number alone is in it. `undefined` where it is no whole number. */
export function amountIn(text: string, unit: 'MiB' | 'GiB'): number | undefined {
  if (text.length > 40) return undefined;
  const [, digits, letter] = /^\s*([0-9]{1,12}(?:\.[0-9]{1,3})?)\s*(?:([kmgt])(?:i?b)?)?\s*$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const own = unit === 'MiB' ? sizes['m'] : sizes['g'];
  const amount =
    letter === undefined ? Number(digits) : (Number(digits) * (sizes[letter.toLowerCase()] ?? NaN)) / (own ?? NaN);
  return Number.isInteger(amount) ? amount : undefined;
}

/** `5s`, `10m`, `24h`, `7d` → seconds. */
export function duration({ min, max }: { min: number; max: number }): z.ZodType<number, string> {
  const error = ({ input }: { input?: unknown }): string | undefined =>
    input === undefined ? undefined : say(`${shown(input)} is not a duration`, meantDuration(input));
  return z.string({ error }).transform((text, context) => {
    const seconds = parseDuration(text);
    if (seconds !== undefined && seconds >= min && seconds <= max) return seconds;
    const outside = `${shown(text)} is outside ${printDuration(min)} to ${printDuration(max)}`;
    context.addIssue({
      code: 'custom',
      message: seconds === undefined ? (error({ input: text }) ?? '') : say(outside),
    });
    return z.NEVER;
  });
}

function meantDuration(input: unknown): string {
  if (typeof input === 'number' && Number.isInteger(input) && input > 0) return `did you mean ${input}s?`;
  const [, digits, letter] = /^\s*([1-9][0-9]{0,6})\s*([smhd])[a-z]*\s*$/i.exec(shown(input)) ?? [];
  return digits === undefined || letter === undefined
    ? 'write 5s, 10m, 24h or 7d'
    : `did you mean ${digits}${letter.toLowerCase()}?`;
}

/** `env:NAME`. What stands there instead may be the secret itself, so it is shown only when it is plainly a name. */
export function reference(): z.ZodType<EnvReference, string> {
  const error = ({ input }: { input?: unknown }): string | undefined =>
    input === undefined ? undefined : notReference(input);
  return z
    .string({ error })
    .regex(/^env:[A-Z_][A-Z0-9_]{0,127}$/, { error })
    .transform((text) => ({ env: text.slice('env:'.length) }));
}

function notReference(input: unknown): string {
  const text = typeof input === 'string' ? input : '';
  const [, name] =
    /^(?:env:|\$\{?|\$\{?env:|env\.)?([A-Za-z][A-Za-z0-9]{0,15}(?:_[A-Za-z0-9]{1,16}){1,6})\}?$/i.exec(text) ?? [];
  if (name !== undefined) return say(`${text} is not a reference`, `did you mean env:${name.toUpperCase()}?`);
  return say(
    'is not a reference',
    'a secret never stands in a file: put it in an environment variable and write env:NAME',
  );
}

/** An address without a secret in it: no user, no query, no fragment. Returned without a slash at its end. */
export function address({
  schemes,
  origin,
}: {
  schemes: readonly ('http' | 'https')[];
  origin: boolean;
}): z.ZodType<string, string> {
  return z.string().transform((text, context) => {
    const wrong =
      text.length <= 2048 && URL.canParse(text)
        ? wrongAddress(new URL(text), schemes, origin)
        : notAddress(text, schemes[0] ?? 'https');
    if (wrong === undefined) return text.replace(/\/+$/, '');
    context.addIssue({ code: 'custom', message: wrong });
    return z.NEVER;
  });
}

function notAddress(text: string, scheme: string): string {
  const bare = /^[A-Za-z0-9.-]+(:[0-9]{1,5})?(\/.*)?$/.test(text);
  return say(
    `${shown(text)} is not an address`,
    bare ? `did you mean ${scheme}://${shown(text)}?` : `write ${scheme}://host:port`,
  );
}

function wrongAddress(url: URL, schemes: readonly string[], origin: boolean): string | undefined {
  const scheme = url.protocol.slice(0, -1);
  const bare = `${url.host}${url.pathname === '/' ? '' : url.pathname}`;
  if (url.hostname === '') return notAddress(url.href, schemes[0] ?? 'https');
  if (url.username !== '' || url.password !== '')
    return say('holds a user or a password', `write ${scheme}://${shown(bare)}`);
  if (url.search !== '' || url.hash !== '')
    return say('holds a query, where secrets hide', `write ${scheme}://${shown(bare)}`);
  if (!schemes.includes(scheme))
    return say(
      `${shown(url.href)} is not ${schemes.join(' or ')}`,
      `did you mean ${schemes[0] ?? ''}://${shown(bare)}?`,
    );
  if (origin && url.pathname !== '/')
    return say(`${shown(url.href)} has a path`, `did you mean ${scheme}://${url.host}?`);
  return undefined;
}

/** A path inside the repository: relative, with `/`, without `..`. */
export function repositoryPath(): z.ZodType<string, string> {
  return textLike(
    /^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))(?!.*\/\/)[^\\\p{Cc}]{1,255}(?<!\/)$/u,
    'a path inside this repository',
  );
}

/** A program: a name that is looked up in the PATH, or a whole path. `meant` completes “write … or a whole path”. */
export function program(meant: string): z.ZodString {
  return textLike(
    /^(?:[A-Za-z0-9._-]{1,64}|\/[^\p{Cc}]{1,400})$/u,
    'a program',
    () => `write ${meant} or a whole path`,
  );
}

/** A whole path of the machine. `meant` is one. */
export function wholePath(meant: string): z.ZodString {
  return textLike(/^\/[^\p{Cc}]{1,400}$/u, 'a whole path', () => `write ${meant}`);
}
