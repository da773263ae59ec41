import { commentJson, commentsOf, labelOf, reviewJson, time, timelineJson, userOf } from '../present.ts';
import { note } from '../settle.ts';
import { GiteaError, hasThread, nextId, type Note, pullOf, type Review, threadOf, type World } from '../world.ts';
import { type Asked, made, numbersIn, ok, paged, type Reply, type Route, textIn } from './route.ts';

export const talkRoutes: Route[] = [
  { method: 'GET', pattern: /^issues\/(\d+)\/comments$/, answer: comments },
  { method: 'POST', pattern: /^issues\/(\d+)\/comments$/, answer: say },
  { method: 'GET', pattern: /^issues\/comments$/, answer: recent },
  {
    method: 'GET',
    pattern: /^issues\/comments\/(\d+)$/,
    answer: ({ world, parts }) => ok(commentJson(world, noteOf(world, parts))),
  },
  { method: 'PATCH', pattern: /^issues\/comments\/(\d+)$/, answer: rewrite },
  { method: 'DELETE', pattern: /^issues\/comments\/(\d+)$/, answer: remove },
  { method: 'POST', pattern: /^issues\/comments\/(\d+)\/reactions$/, answer: react },
  { method: 'GET', pattern: /^issues\/(\d+)\/timeline$/, answer: timeline },
  { method: 'POST', pattern: /^issues\/(\d+)\/labels$/, answer: addLabels },
  { method: 'GET', pattern: /^labels$/, answer: ({ world, query }) => paged(world.labels.map(labelOf), query) },
  { method: 'POST', pattern: /^labels$/, answer: makeLabel },
  {
    method: 'GET',
    pattern: /^pulls\/(\d+)\/reviews$/,
    answer: ({ world, parts, query }) => paged(pullOf(world, Number(parts[0])).reviews.map(reviewJson), query),
  },
  { method: 'POST', pattern: /^pulls\/(\d+)\/reviews$/, answer: review },
  { method: 'POST', pattern: /^pulls\/(\d+)\/reviews\/(\d+)\/dismissals$/, answer: dismiss },
];

/** Of a number that nobody gave the real one answers 500, with nothing said. */
function comments({ world, parts }: Asked): Reply {
  const number = Number(parts[0]);
  if (!hasThread(world, number)) throw new GiteaError(500, '');
  return ok(commentsOf(world, number).map((one) => commentJson(world, one)));
}

function say({ world, user, now, parts, body }: Asked): Reply {
  const pull = threadOf(world, Number(parts[0]));
  const said: Note = {
    id: nextId(world),
    type: 'comment',
    pull: pull.number,
    user,
    body: textIn(body, 'body') ?? '',
    createdAt: now,
    updatedAt: now,
  };
  world.notes.push(said);
  pull.updatedAt = now;
  return made(commentJson(world, said));
}

function recent({ world, query }: Asked): Reply {
  const since = Date.parse(query.get('since') ?? '1970-01-01T00:00:00Z');
  const found = world.notes.filter(({ type, updatedAt }) => type === 'comment' && updatedAt >= since);
  return paged(
    found.map((one) => commentJson(world, one)),
    query,
  );
}

function noteOf(world: World, parts: readonly string[]): Note {
  const found = world.notes.find(({ id, type }) => id === Number(parts[0]) && type === 'comment');
  if (found === undefined) throw new GiteaError(404, "The target couldn't be found.");
  return found;
}

/** Whoever may write the repository may edit what others wrote. */
function rewrite({ world, now, parts, body }: Asked): Reply {
  const found = noteOf(world, parts);
  // The pull request itself is not touched: only the comment says that it changed.
  Object.assign(found, { body: textIn(body, 'body') ?? '', updatedAt: now });
  return ok(commentJson(world, found));
}

function remove({ world, parts }: Asked): Reply {
  const found = noteOf(world, parts);
  world.notes = world.notes.filter((one) => one !== found);
  return { status: 204 };
}

/** The same one again is answered with the first. */
function react({ world, user, now, parts, body }: Asked): Reply {
  const comment = noteOf(world, parts).id;
  const content = textIn(body, 'content') ?? '';
  const same = world.reactions.find((one) => one.comment === comment && one.content === content && one.user === user);
  if (same === undefined) world.reactions.push({ comment, content, user, at: now });
  const json = { content, user: userOf(user), created_at: time(same?.at ?? now) };
  return same === undefined ? made(json) : ok(json);
}

function timeline({ world, parts, query }: Asked): Reply {
  const since = Date.parse(query.get('since') ?? '1970-01-01T00:00:00Z');
  const found = world.notes.filter(({ pull, updatedAt }) => pull === Number(parts[0]) && updatedAt >= since);
  return paged(
    found.map((one) => timelineJson(world, one)),
    query,
  );
}

function addLabels({ world, now, parts, body }: Asked): Reply {
  const pull = threadOf(world, Number(parts[0]));
  pull.labels = [...new Set([...pull.labels, ...numbersIn(body, 'labels')])];
  pull.updatedAt = now;
  return ok(pull.labels.map((id) => labelOf(world.labels.find((label) => label.id === id))));
}

function makeLabel({ world, body }: Asked): Reply {
  const label = { id: nextId(world), name: textIn(body, 'name') ?? '', color: textIn(body, 'color') ?? '' };
  world.labels.push(label);
  return made(labelOf(label));
}

function review({ world, user, now, parts, body }: Asked): Reply {
  const pull = pullOf(world, Number(parts[0]));
  const state = textIn(body, 'event') as Review['state'];
  if (pull.user === user && state !== 'COMMENT') throw new GiteaError(422, 'approve your own pull is not allowed');
  const given: Review = {
    id: nextId(world),
    ...{ user, state, body: textIn(body, 'body') ?? '', commit: textIn(body, 'commit_id') ?? pull.head },
    ...{ dismissed: false, stale: false, submittedAt: now, updatedAt: now },
  };
  pull.reviews.push(given);
  note(world, pull, user, 'review', now);
  return ok(reviewJson(given));
}

function dismiss({ world, user, now, parts }: Asked): Reply {
  const pull = pullOf(world, Number(parts[0]));
  const found = pull.reviews.find(({ id }) => id === Number(parts[1]));
  if (found === undefined) throw new GiteaError(404, "The target couldn't be found.");
  Object.assign(found, { dismissed: true, updatedAt: now });
  note(world, pull, user, 'dismiss_review', now);
  return ok(reviewJson(found));
}
