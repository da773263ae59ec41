import { expect, it } from 'vitest';
import { openCrowd } from '../../src/serve/crowd.ts';

/** Opens until it is turned away, at most so many. */
function opens(crowd: ReturnType<typeof openCrowd>, address: string, wanted: number): number {
  let count = 0;
  while (count < wanted && crowd.enter(address)) count += 1;
  return count;
}

it('each address may hold as many connections as it leaves to the others, and however full it is eight', () => {
  const crowd = openCrowd();
  expect(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((address) => opens(crowd, address, 1000))).toEqual([
    256, 128, 64, 32, 16, 8, 8,
  ]);
  expect(opens(crowd, 'a', 1)).toBe(0);
});

it('a place is free again once its connection has ended', () => {
  const crowd = openCrowd();
  opens(crowd, 'a', 1000);
  crowd.leave('a');
  expect([opens(crowd, 'a', 1000), crowd.held('a')]).toEqual([1, 256]);
  for (let count = 0; count < 256; count += 1) crowd.leave('a');
  expect([crowd.held('a'), opens(crowd, 'b', 1000)]).toEqual([0, 256]);
});
