import { allPages } from '../http/pages.ts';
import { type GiteaContext, pathOf, write } from './context.ts';
import { labelShape, type Pull } from './shapes.ts';
import { z } from 'zod';

const colour = '#6a737d';

/** The numbers of labels by name; what the repository does not have is made. */
export async function labelIds(context: GiteaContext, names: readonly string[]): Promise<number[]> {
  if (names.length === 0) return [];
  return context.exclusively('labels', async () => {
    const path = pathOf(context, 'labels');
    const present = new Map((await allPages(context.http, { path }, labelShape)).map(({ name, id }) => [name, id]));
    const ids: number[] = [];
    for (const name of names)
      ids.push(present.get(name) ?? (await write(context, 'POST', path, { name, color: colour }, labelShape)).id);
    return ids;
  });
}

/** Puts on what is missing. Labels that others put on stay. */
export async function ensureLabels<T extends Pick<Pull, 'number' | 'labels'>>(
  context: GiteaContext,
  pull: T,
  names: readonly string[],
): Promise<T> {
  const present = new Set((pull.labels ?? []).map(({ name }) => name));
  const missing = names.filter((name) => !present.has(name));
  if (missing.length === 0) return pull;
  const labels = await labelIds(context, missing);
  const path = pathOf(context, 'issues', pull.number, 'labels');
  return { ...pull, labels: await write(context, 'POST', path, { labels }, z.array(labelShape)) };
}
