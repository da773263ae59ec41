import type { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import { done, type ForgeHttp, part, readAs } from '../http/client.ts';
import type { Listing } from '../http/listing.ts';
import type { OneAtATime } from '../http/one-at-a-time.ts';
import type { ClosedPulls } from './ended.ts';
import type { Pull } from './shapes.ts';

/** What every operation on one repository of a Gitea works with. */
export interface GiteaContext {
  /** In messages: `Gitea at https://git.home.lan`. */
  name: string;
  http: ForgeHttp;
  /** `repos/owner/name`, the beginning of every path. */
  repository: string;
  defaultBranch: string;
  /** The account of the token. */
  self: string;
  clock: Clock;
  /** Two writes of this process to the same thing never meet. */
  exclusively: OneAtATime;
  /** Its pull requests, kept up to date by what changed. */
  listing: Listing<Pull>;
  /** What is known for good of pull requests that have ended. */
  ended: ClosedPulls;
}

/** What a request about the repository takes. */
export type Reaching = Pick<GiteaContext, 'http' | 'repository' | 'name'>;

export function pathOf({ repository }: Reaching, ...parts: (string | number)[]): string {
  return [repository, ...parts.map(part)].join('/');
}

/** Reads one thing of the repository; `undefined` where the forge says that it is not there. */
export async function find<S extends z.ZodType>(
  context: Reaching,
  path: string,
  schema: S,
  query?: { readonly [name: string]: string | number | undefined },
): Promise<z.output<S> | undefined> {
  const answer = await context.http.get({ path, accept: [404], ...(query === undefined ? {} : { query }) });
  return answer.status === 404 ? undefined : readAs(schema, answer, path);
}

/** Writes, and reads what the forge says that it holds now. */
export async function write<S extends z.ZodType>(
  context: Reaching,
  method: 'POST' | 'PUT' | 'PATCH',
  path: string,
  body: unknown,
  schema: S,
): Promise<z.output<S>> {
  return readAs(schema, done(context.name, await context.http.send(method, { path, body }), path), path);
}
