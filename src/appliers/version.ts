import { type ErrorCode, GitmendError } from '../core/errors.ts';

/** The oldest version of a program that is supported, and the code of the refusal of an older one. */
export interface Oldest {
  least: readonly [major: number, minor: number];
  code: Extract<ErrorCode, `${string}_TOO_OLD`>;
}

/** The version as it came, `1.11.4`. Throws the code where it is older, or '' because the program said none. */
export function demandVersion(program: string, version: string, { least, code }: Oldest): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = least;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return version;
  const said = version === '' ? 'of no version that it says' : version;
  throw new GitmendError(code, `${program} is ${said}, and ${least.join('.')} is the oldest that is supported`);
}
