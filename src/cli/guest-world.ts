import type { Command } from 'commander';
import { didYouMean } from '../config/words.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import { GitmendError } from '../core/errors.ts';
import type { Target } from '../core/target.ts';
import { guestsCalled } from '../deliver/drift.ts';
import { readTruth, type Truth } from '../deliver/truth.ts';
import type { World } from '../deliver/world.ts';
import { type CliContext, groundFor } from './context.ts';

/** What commands about guests stand on: the truth of git and the forge, and what reads the live systems. */
export async function openWorld(program: Command, context: CliContext): Promise<{ world: World; truth: Truth }> {
  const ground = await groundFor(program, context, 'read');
  const truth = await readTruth(ground);
  return { world: { ...ground, ...ground.engines(truth.rules) }, truth };
}

/** The one declared guest that is called so. Throws USAGE. */
export function oneCalled({ head }: Truth, called: string): [Target, DeclaredGuest] {
  const [found, ...more] = guestsCalled(head.guests, called);
  if (found !== undefined && more.length === 0) return found;
  const what = found === undefined ? 'no guest that is declared here' : `${more.length + 1} guests`;
  const names = [...head.guests.values()].map(({ name }) => name);
  const mend = (found === undefined && didYouMean(called, names)) || 'name one as gitmend guest list does';
  throw new GitmendError('USAGE', `${JSON.stringify(called.slice(0, 80))} is ${what}: ${mend}`);
}

/** Declared guests with this tag; all of them without one. */
export function taggedWith({ head }: Truth, tag: string | undefined): [Target, DeclaredGuest][] {
  return [...head.guests].filter(([, { tags }]) => tag === undefined || tags.includes(tag));
}

/** Guests are named, or a tag is. Throws USAGE for neither and for both. */
export function demandNamed(names: readonly string[], tag: string | undefined): void {
  if ((names.length === 0) === (tag === undefined))
    throw new GitmendError('USAGE', 'name the guests, or say --tag TAG; one of both');
}

/** The guests that are named, each once, or all with a tag. Throws USAGE where one is not declared. */
export function namedGuests(truth: Truth, names: readonly string[], tag: string | undefined): DeclaredGuest[] {
  const found = tag === undefined ? names.map((called) => oneCalled(truth, called)) : taggedWith(truth, tag);
  if (found.length === 0) throw new GitmendError('USAGE', `no guest is declared with the tag ${JSON.stringify(tag)}`);
  return [...new Map(found).values()];
}

/** What a branch is called after: its one guest, or how many. */
export function branchName(guests: readonly DeclaredGuest[]): string {
  const [only, ...more] = guests;
  return only === undefined || more.length > 0 ? `${guests.length}-guests` : only.name;
}
