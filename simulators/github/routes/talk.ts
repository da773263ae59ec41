import { issueJson, saidJson, userOf } from '../present.ts';
import { endThread } from '../settle.ts';
import { GithubError, invalid, type Issue, nextId, notFound, type Said, threadOf, type World } from '../world.ts';
import { type Asked, made, ok, paged, type Reply, type Route, textIn, textsIn } from './route.ts';

/** rest/issues/issues, rest/issues/comments, rest/issues/labels and rest/reactions */
export const talkRoutes: Route[] = [
  { method: 'GET', pattern: /^issues$/, answer: list },
  { method: 'POST', pattern: /^issues$/, answer: open },
  {
    method: 'GET',
    pattern: /^issues\/(\d+)$/,
    answer: ({ world, parts }) => ok(issueJson(world, threadOf(world, parts[0]))),
  },
  { method: 'PATCH', pattern: /^issues\/(\d+)$/, answer: edit },
  { method: 'POST', pattern: /^issues\/(\d+)\/labels$/, answer: addLabels },
  { method: 'GET', pattern: /^issues\/(\d+)\/comments$/, answer: comments },
  { method: 'POST', pattern: /^issues\/(\d+)\/comments$/, answer: say },
  { method: 'GET', pattern: /^issues\/comments$/, answer: recent },
  {
    method: 'GET',
    pattern: /^issues\/comments\/(\d+)$/,
    answer: ({ world, parts }) => ok(saidJson(world, saidOf(world, parts[0]))),
  },
  { method: 'PATCH', pattern: /^issues\/comments\/(\d+)$/, answer: rewrite },
  { method: 'DELETE', pattern: /^issues\/comments\/(\d+)$/, answer: remove },
  { method: 'POST', pattern: /^issues\/comments\/(\d+)\/reactions$/, answer: react },
];

/** A text of at most 65,536 characters: GitHub refuses what is longer. */
export function textOf(body: Asked['body'], name: string): string | undefined {
  const text = textIn(body, name);
  if (text !== undefined && text.length > 65_536)
    throw invalid({
      resource: 'IssueComment',
      code: 'unprocessable',
      field: 'data',
      message: `${name} is too long (maximum is 65536 characters)`,
    });
  return text;
}

/** Pull requests are in it too, and say so. */
function list({ world, query }: Asked): Reply {
  const state = query.get('state') ?? 'open';
  const creator = query.get('creator');
  const sign = query.get('direction') === 'asc' ? 1 : -1;
  const found = world.threads
    .filter((one) => (state === 'all' || one.state === state) && (creator === null || one.user.login === creator))
    .sort((a, b) => sign * (a.number - b.number));
  return paged(
    found.map((one) => issueJson(world, one)),
    query,
  );
}

function open({ world, user, now, body, emit }: Asked): Reply {
  const title = textIn(body, 'title') ?? '';
  if (title.trim() === '') throw invalid({ resource: 'Issue', field: 'title', code: 'missing_field' });
  const issue: Issue = {
    ...{ number: (world.numbers += 1), title, body: textOf(body, 'body') ?? null, user, state: 'open' },
    ...{ labels: textsIn(body, 'labels'), createdAt: now, updatedAt: now },
  };
  world.threads.push(issue);
  emit('issues', { action: 'opened', issue: issueJson(world, issue) });
  return made(issueJson(world, issue));
}

/** Whoever may write may edit what others wrote: that is how a box is ticked. */
function edit({ world, user, now, parts, body, emit }: Asked): Reply {
  const thread = threadOf(world, parts[0]);
  thread.title = textIn(body, 'title') ?? thread.title;
  thread.body = textOf(body, 'body') ?? thread.body;
  thread.updatedAt = now;
  if (body['state'] === 'closed' && thread.state === 'open') endThread(thread, user, now);
  emit('issues', { action: 'edited', issue: issueJson(world, thread) });
  return ok(issueJson(world, thread));
}

/** Labels that the repository does not have are made. Names are one whatever their case. */
function addLabels({ world, now, parts, body }: Asked): Reply {
  const thread = threadOf(world, parts[0]);
  for (const name of textsIn(body, 'labels'))
    if (!thread.labels.some((one) => one.toLowerCase() === name.toLowerCase())) thread.labels.push(name);
  thread.updatedAt = now;
  return ok(thread.labels.map((name) => ({ name, color: 'ededed' })));
}

function comments({ world, parts, query }: Asked): Reply {
  const { number } = threadOf(world, parts[0]);
  const found = world.said.filter(({ thread }) => thread === number);
  return paged(
    found.map((one) => saidJson(world, one)),
    query,
  );
}

function say({ world, user, now, parts, body, emit }: Asked): Reply {
  const thread = threadOf(world, parts[0]);
  const text = textOf(body, 'body') ?? '';
  if (text.trim() === '')
    throw invalid({ resource: 'IssueComment', code: 'unprocessable', field: 'data', message: 'Body cannot be blank' });
  const said: Said = { id: nextId(world), thread: thread.number, user, body: text, createdAt: now, updatedAt: now };
  world.said.push(said);
  thread.updatedAt = now;
  emit('issue_comment', { action: 'created', issue: issueJson(world, thread), comment: saidJson(world, said) });
  return made(saidJson(world, said));
}

/** `since`: updated at or after; `sort=updated` with a direction, by number otherwise. */
function recent({ world, query }: Asked): Reply {
  const since = Date.parse(query.get('since') ?? '1970-01-01T00:00:00Z');
  const by = query.get('sort') === 'updated' ? ('updatedAt' as const) : ('createdAt' as const);
  const sign = query.get('sort') !== null && query.get('direction') === 'desc' ? -1 : 1;
  const found = world.said
    .filter(({ updatedAt }) => updatedAt >= since)
    .sort((a, b) => sign * (a[by] - b[by] || a.id - b.id));
  return paged(
    found.map((one) => saidJson(world, one)),
    query,
  );
}

function saidOf(world: World, id: string | undefined): Said {
  const found = world.said.find((one) => one.id === Number(id));
  if (found === undefined) throw notFound();
  return found;
}

/** The thread itself is not touched: what would be lost if that were relied upon shows here. */
function rewrite({ world, now, parts, body, emit }: Asked): Reply {
  const said = saidOf(world, parts[0]);
  Object.assign(said, { body: textOf(body, 'body') ?? said.body, updatedAt: now });
  emit('issue_comment', { action: 'edited', issue: { number: said.thread }, comment: saidJson(world, said) });
  return ok(saidJson(world, said));
}

function remove({ world, parts }: Asked): Reply {
  const said = saidOf(world, parts[0]);
  world.said = world.said.filter((one) => one !== said);
  return { status: 204 };
}

/** 201 the first time, 200 for the same one again. */
function react({ world, user, now, parts, body }: Asked): Reply {
  const comment = saidOf(world, parts[0]).id;
  const content = textIn(body, 'content') ?? '';
  if (!['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'].includes(content))
    throw new GithubError(422, 'Validation Failed');
  const same = world.reactions.some((one) => one.comment === comment && one.content === content && one.user === user);
  if (!same) world.reactions.push({ comment, content, user });
  const json = { id: comment, content, user: userOf(user), created_at: new Date(now).toISOString() };
  return same ? ok(json) : made(json);
}
