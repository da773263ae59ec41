import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Fault, type Faults, strikesFirst } from '../forge/faults.ts';
import { answerGit } from '../forge/git-http.ts';
import { sender } from './hooks.ts';
import { actionsRoutes } from './routes/actions.ts';
import { appAnswer, ownUser, teamAnswer } from './routes/app.ts';
import { pullRoutes } from './routes/pulls.ts';
import { makeOwn, repositoryRoutes } from './routes/repository.ts';
import type { Asked, Reply } from './routes/route.ts';
import { talkRoutes } from './routes/talk.ts';
import { settle } from './settle.ts';
import { GithubError, type User, type World } from './world.ts';

/** One request and its answer, as the log keeps them. */
export interface Logged {
  method: string;
  /** Below /api/v3, decoded, without the query. */
  path: string;
  query: { [name: string]: string };
  body: unknown;
  /** The account; absent where the credential was not accepted, and where an App speaks of itself. */
  by?: string;
  status: number | 'none';
  json?: unknown;
}

export interface Serving {
  world: World;
  faults: Faults;
  now: () => number;
  computing: number;
  log: (entry: Logged) => void;
}

const routes = [...repositoryRoutes, ...pullRoutes, ...talkRoutes, ...actionsRoutes];

/** Requests that an hour has for one account (rate-limits-for-the-rest-api). */
const quota = 5000;

/** The API and git over HTTP. API requests are answered one after the other, so that what happens is the same every time. */
export function makeServer(serving: Serving): Server {
  let last: Promise<unknown> = Promise.resolve();
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const repository = `/${serving.world.owner}/${serving.world.name}.git/`;
    if (url.pathname.startsWith(repository)) {
      void gitOf(serving, request, response, url.pathname.slice(repository.length), url.search.slice(1));
      return;
    }
    last = last.then(() => api(serving, request, response, url)).catch(() => response.destroy());
  });
}

async function gitOf(
  { world, now }: Serving,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: string,
): Promise<void> {
  const user = userBy(world, request.headers.authorization, now());
  if (user === undefined) {
    request.resume();
    response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end();
    return;
  }
  await answerGit(request, response, { repository: world.repository, path, query, user });
}

async function api(serving: Serving, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const { method = 'GET', headers } = request;
  const { world, faults, log } = serving;
  const path = decodeURIComponent(url.pathname.replace(/^\/api\/(v3\/)?/, ''));
  const body = await jsonOf(request);
  const user = userBy(world, headers.authorization, serving.now());
  const fault = faults.take(method, path);
  const instead = fault !== undefined && strikesFirst(fault);
  const reply = instead
    ? faulty(fault)
    : await answered(serving, { method, path, url, body, user, header: headers.authorization ?? '' });
  const struck = fault === undefined ? reply : faulty(fault, reply);
  const sent = struck && conditional(world, method, headers['if-none-match'], struck);
  const by = user === undefined ? {} : { by: user.login };
  log({
    method,
    path,
    query: Object.fromEntries(url.searchParams),
    body,
    ...by,
    status: sent?.status ?? 'none',
    json: sent?.json,
  });
  if (sent === undefined) request.socket.resetAndDestroy();
  else send(response, sent, serving.now());
}

interface Request {
  method: string;
  path: string;
  url: URL;
  body: unknown;
  user: User | undefined;
  header: string;
}

async function answered(serving: Serving, asked: Request): Promise<Reply> {
  try {
    return await answer(serving, asked);
  } catch (error) {
    if (error instanceof GithubError) return problem(error.status, error.message, error.errors);
    throw error;
  }
}

async function answer(
  { world, now, computing }: Serving,
  { method, path, url, body, user, header }: Request,
): Promise<Reply> {
  const at = Math.floor(now() / 1000) * 1000;
  const own = appAnswer(world, method, path, header, now());
  if (own !== undefined) return own;
  if (user === undefined) throw new GithubError(401, 'Bad credentials');
  if (method === 'POST' && path === 'graphql')
    return { status: 200, json: { data: { viewer: { login: user.login } } } };
  if (method === 'GET' && path === 'user') return ownUser(user);
  const form = (body ?? {}) as Asked['body'];
  if (method === 'POST' && path === 'user/repos') return makeOwn({ world, user, body: form });
  const team = method === 'GET' ? teamAnswer(world, path) : undefined;
  if (team !== undefined) return team;
  const below = `repos/${world.owner}/${world.name}`;
  const rest = path === below ? '' : path.startsWith(`${below}/`) ? path.slice(below.length + 1) : undefined;
  const emit = sender(world, at);
  for (const pull of await settle(world, at, computing))
    emit('pull_request', { action: pull.state === 'open' ? 'synchronize' : 'closed', number: pull.number });
  const route = routes.find((one) => rest !== undefined && one.method === method && one.pattern.test(rest));
  if (route === undefined || rest === undefined) throw new GithubError(404, 'Not Found');
  const [, ...parts] = (route.pattern.exec(rest) ?? []) as string[];
  return route.answer({ world, user, now: at, computing, parts, query: url.searchParams, body: form, emit });
}

/**
 * Every read has an ETag; one that is asked for with the same is 304 and costs nothing (best-practices-for-using-the-rest-api,
 * "Use conditional requests").
 */
function conditional(world: World, method: string, asked: string | undefined, reply: Reply): Reply {
  if (method !== 'GET' || reply.status !== 200) world.spent += 1;
  const limits = {
    'x-ratelimit-limit': String(quota),
    'x-ratelimit-remaining': String(Math.max(0, quota - world.spent)),
  };
  if (method !== 'GET' || reply.status !== 200) return { ...reply, headers: { ...limits, ...reply.headers } };
  const etag = `W/"${createHash('sha256').update(JSON.stringify(reply.json)).digest('hex')}"`;
  if (asked === etag) return { status: 304, headers: { ...limits, etag } };
  world.spent += 1;
  return { ...reply, headers: { ...limits, ...reply.headers, etag } };
}

function faulty(fault: Fault, reply?: Reply): Reply | undefined {
  if (fault.fault === 'reset') return undefined;
  if (fault.fault === 'status')
    return {
      ...problem(fault.status, fault.message ?? 'simulated'),
      ...(fault.headers === undefined ? {} : { headers: fault.headers }),
    };
  if (fault.fault === 'headers') return reply && { ...reply, headers: { ...reply.headers, ...fault.headers } };
  return reply && { ...reply, json: withNulls(reply.json) };
}

/** Before each entry of the list, wherever it is in the answer. */
function withNulls(json: unknown): unknown {
  if (Array.isArray(json)) return (json as unknown[]).flatMap((one): unknown[] => [null, one]);
  const entries = Object.entries(json as object).map(([name, one]) => [
    name,
    Array.isArray(one) ? withNulls(one) : (one as unknown),
  ]);
  return Object.fromEntries(entries) as { [name: string]: unknown };
}

function problem(status: number, message: string, errors?: unknown): Reply {
  const json = {
    message,
    documentation_url: 'https://docs.github.com/rest',
    ...(errors === undefined ? {} : { errors }),
  };
  return { status, json };
}

/** `Date` is by the clock that everything here is dated by. */
function send(response: ServerResponse, { status, json, headers }: Reply, now: number): void {
  const date = new Date(now).toUTCString();
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', date, ...headers });
  response.end(json === undefined ? '' : JSON.stringify(json));
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

/** `token T` and `Bearer T` for the API; for git the token is the password of `x-access-token`, or of anybody. */
function userBy({ users }: World, header = '', now: number): User | undefined {
  const [, scheme = '', value = ''] = /^(token|bearer|basic) (.+)$/i.exec(header) ?? [];
  const basic = scheme.toLowerCase() === 'basic';
  const token = basic ? Buffer.from(value, 'base64').toString('utf8').split(':').slice(1).join(':') : value;
  return users.find((user) => user.token === token && (user.until ?? Infinity) > now);
}
