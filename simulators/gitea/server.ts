import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Fault, type Faults, strikesFirst } from '../forge/faults.ts';
import { answerGit } from '../forge/git-http.ts';
import { userOf } from './present.ts';
import { actionsRoutes } from './routes/actions.ts';
import { issueRoutes } from './routes/issues.ts';
import { outsideRoutes, peopleRoutes } from './routes/people.ts';
import { pullRoutes } from './routes/pulls.ts';
import { makeOwn, repositoryRoutes } from './routes/repository.ts';
import type { Asked, Reply } from './routes/route.ts';
import { talkRoutes } from './routes/talk.ts';
import { settle } from './settle.ts';
import { GiteaError, type User, type World } from './world.ts';

/** One request and its answer, as the log keeps them. */
export interface Logged {
  method: string;
  /** Below /api/v1, decoded, without the query. */
  path: string;
  query: { [name: string]: string };
  body: unknown;
  /** The account; absent where the token was not accepted. */
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

const routes = [...repositoryRoutes, ...pullRoutes, ...talkRoutes, ...issueRoutes, ...peopleRoutes, ...actionsRoutes];

/** The API and git over HTTP. API requests are answered one after the other, so that what happens is the same every time. */
export function makeServer(serving: Serving): Server {
  let last: Promise<unknown> = Promise.resolve();
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const user = userBy(serving.world, request.headers.authorization);
    const repository = `/${serving.world.owner}/${serving.world.name}.git/`;
    if (url.pathname.startsWith(repository)) {
      void gitOf(serving, request, response, { user, path: url.pathname.slice(repository.length), query: url.search });
      return;
    }
    last = last.then(() => api(serving, request, response, url, user)).catch(() => response.destroy());
  });
}

async function gitOf(
  { world }: Serving,
  request: IncomingMessage,
  response: ServerResponse,
  { user, path, query }: { user: User | undefined; path: string; query: string },
): Promise<void> {
  if (user === undefined) {
    request.resume();
    response.writeHead(401, { 'www-authenticate': 'Basic realm="Gitea"' }).end();
    return;
  }
  await answerGit(request, response, { repository: world.repository, path, query: query.slice(1), user });
}

async function api(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  user: User | undefined,
): Promise<void> {
  const { method = 'GET' } = request;
  const path = decodeURIComponent(url.pathname.replace(/^\/api\/v1\//, ''));
  const body = await jsonOf(request);
  const fault = serving.faults.take(method, path);
  const instead = fault !== undefined && strikesFirst(fault);
  const reply = instead ? faulty(fault) : await answered(serving, { method, path, url, body, user });
  const sent = fault === undefined ? reply : faulty(fault, reply);
  const query = Object.fromEntries(url.searchParams);
  const by = user === undefined ? {} : { by: user.login };
  serving.log({ method, path, query, body, ...by, status: sent?.status ?? 'none', json: sent?.json });
  if (sent === undefined) request.socket.resetAndDestroy();
  else send(response, sent, serving.now());
}

async function answered(
  { world, now, computing }: Serving,
  { method, path, url, body, user }: { method: string; path: string; url: URL; body: unknown; user: User | undefined },
): Promise<Reply> {
  if (user === undefined) return problem(401, 'invalid username, password or token');
  if (method === 'GET' && path === 'user') return { status: 200, json: userOf(user) };
  if (method === 'POST' && path === 'user/repos') return makeOwn({ world, user, body: body as Asked['body'] });
  const below = `repos/${world.owner}/${world.name}`;
  const rest = path === below ? '' : path.startsWith(`${below}/`) ? path.slice(below.length + 1) : undefined;
  const at = Math.floor(now() / 1000) * 1000;
  await settle(world, at, computing);
  const asks = rest ?? path;
  for (const { method: wanted, pattern, answer } of rest === undefined ? outsideRoutes : routes) {
    const [, ...parts] = (wanted === method && pattern.exec(asks)) || [undefined];
    if (wanted !== method || !pattern.test(asks)) continue;
    const asked: Asked = {
      world,
      user,
      now: at,
      computing,
      parts: parts as string[],
      query: url.searchParams,
      body: body as Asked['body'],
    };
    try {
      return await answer(asked);
    } catch (error) {
      if (error instanceof GiteaError) return problem(error.status, error.message);
      throw error;
    }
  }
  return problem(404, "The target couldn't be found.");
}

function faulty(fault: Fault | undefined, reply?: Reply): Reply | undefined {
  if (fault === undefined || fault.fault === 'reset') return undefined;
  if (fault.fault === 'status')
    return {
      ...problem(fault.status, 'simulated'),
      ...(fault.headers === undefined ? {} : { headers: fault.headers }),
    };
  if (fault.fault === 'headers') return reply && { ...reply, headers: { ...reply.headers, ...fault.headers } };
  return reply && { ...reply, json: (reply.json as unknown[]).flatMap((one) => [null, one]) };
}

function problem(status: number, message: string): Reply {
  return { status, json: { message, url: 'http://localhost/api/swagger' } };
}

/** `Date` is by the clock that everything here is dated by. */
function send(response: ServerResponse, { status, json, headers }: Reply, now: number): void {
  const date = new Date(now).toUTCString();
  response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', date, ...headers });
  response.end(json === undefined ? '' : JSON.stringify(json));
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : JSON.parse(text);
}

/** `token T` and `Bearer T` for the API; for git the token is the password of its account. */
function userBy({ users }: World, header = ''): User | undefined {
  const [, scheme = '', value = ''] = /^(token|bearer|basic) (.+)$/i.exec(header) ?? [];
  if (scheme.toLowerCase() !== 'basic') return users.find(({ token }) => token === value);
  const [login, password] = Buffer.from(value, 'base64').toString('utf8').split(':');
  return users.find((user) => user.login === login && user.token === password);
}
