import { issueJson } from '../present.ts';
import { GiteaError, type Issue, nextId, type World } from '../world.ts';
import { type Asked, made, numbersIn, ok, paged, type Reply, type Route, textIn } from './route.ts';

export const issueRoutes: Route[] = [
  { method: 'GET', pattern: /^issues$/, answer: list },
  { method: 'POST', pattern: /^issues$/, answer: open },
  { method: 'GET', pattern: /^issues\/(\d+)$/, answer: ({ world, parts }) => ok(thread(world, Number(parts[0]))) },
  { method: 'PATCH', pattern: /^issues\/(\d+)$/, answer: edit },
];

/** Pull requests are in it too, unless the type says otherwise. */
function list({ world, query }: Asked): Reply {
  const state = query.get('state') ?? 'open';
  const by = query.get('created_by');
  const numbers = [
    ...world.issues.map((one) => ({ ...one, type: 'issues' })),
    ...world.pulls.map((one) => ({ ...one, type: 'pulls' })),
  ].filter(
    (one) =>
      (state === 'all' || one.state === state) &&
      (by === null || one.user.login === by) &&
      [one.type, null, ''].includes(query.get('type')),
  );
  return paged(
    numbers.sort((a, b) => b.number - a.number).map(({ number }) => thread(world, number)),
    query,
  );
}

function open({ world, user, now, body }: Asked): Reply {
  const issue: Issue = {
    number: nextId(world),
    title: textIn(body, 'title') ?? '',
    body: textIn(body, 'body') ?? '',
    user,
    state: 'open',
    labels: numbersIn(body, 'labels'),
    createdAt: now,
    updatedAt: now,
  };
  world.issues.push(issue);
  return made(issueJson(world, issue));
}

/** Whoever may write the repository may edit what others wrote: that is how a box is ticked. */
function edit({ world, now, parts, body }: Asked): Reply {
  const issue = world.issues.find(({ number }) => number === Number(parts[0]));
  if (issue === undefined) throw new GiteaError(404, "The target couldn't be found.");
  issue.title = textIn(body, 'title') ?? issue.title;
  issue.body = textIn(body, 'body') ?? issue.body;
  if (body['state'] === 'open' || body['state'] === 'closed') issue.state = body['state'];
  issue.updatedAt = now;
  return made(issueJson(world, issue));
}

/** A pull request answers as an issue too, and says that it is one. */
function thread(world: World, wanted: number) {
  const issue = world.issues.find(({ number }) => number === wanted);
  if (issue !== undefined) return issueJson(world, issue);
  const pull = world.pulls.find(({ number }) => number === wanted);
  if (pull === undefined) throw new GiteaError(404, "The target couldn't be found.");
  return { ...issueJson(world, pull), pull_request: { merged: pull.merged !== undefined } };
}
