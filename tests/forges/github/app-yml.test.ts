import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { oneAtATime, wakeOn } from '../../../src/app.ts';
import { wakingEvents } from '../../../src/forges/github/events.ts';
import { needed } from '../../../src/forges/github/rights.ts';

const root = join(import.meta.dirname, '../../..');
const readAppYml = () => readFileSync(join(root, 'app.yml'), 'utf8');
const manifest = parse(readAppYml()) as {
  default_permissions: { [name: string]: string };
  default_events: string[];
  public: boolean;
  hook_attributes: { url: string; active: boolean };
};

describe('app.yml', () => {
  test('asks for exactly what the code needs, and for nothing of everybody', () => {
    expect(manifest.default_permissions).toEqual(needed);
    expect(manifest.default_events).toEqual([...wakingEvents]);
    expect(manifest.public).toBe(false);
  });

  test('what the form sends names a web hook in public, switched off, and not this machine', async () => {
    // Not exported by Probot; it is what its form is made by.
    const at = '../../../node_modules/probot/lib/manifest-creation.js';
    const { ManifestCreation } = (await import(at)) as {
      ManifestCreation: new () => { getManifest: (options: object) => string };
    };
    const readFileSync = () => readAppYml();
    const made = new ManifestCreation().getManifest({ pkg: {}, baseUrl: 'http://localhost:3000', readFileSync });
    const { hook_attributes: hook } = JSON.parse(made) as typeof manifest;
    expect(hook).toEqual({ url: 'https://gitmend.example.org/signals/github', active: false });
  });

  test('each permission says in the file what it is for', () => {
    const text = readAppYml();
    for (const name of Object.keys(needed))
      expect(text).toMatch(new RegExp(`^  ${name}: (read|write) +# .{10,}$`, 'm'));
  });
});

describe('the Probot app', () => {
  test('listens to exactly the events of app.yml, and reads nothing of them', () => {
    const heard: [unknown, (context: never) => unknown][] = [];
    let woken = 0;
    const on = ((events: unknown, listener: (context: never) => unknown) => heard.push([events, listener])) as never;
    wakeOn({ on }, () => (woken += 1));
    expect(heard.map(([events]) => events)).toEqual([manifest.default_events]);
    for (const [, listener] of heard) listener(undefined as never);
    expect(woken).toBe(1);
  });

  test('a storm of events is one pass more, and a pass that fails ends nothing', async () => {
    const ends: (() => void)[] = [];
    const failed: unknown[] = [];
    let begun = 0;
    const wake = oneAtATime(
      () =>
        new Promise<void>((resolve, reject) => {
          begun += 1;
          ends.push(begun === 2 ? () => reject(new Error('no forge')) : resolve);
        }),
      (error) => failed.push(error),
    );
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    for (let event = 0; event < 100; event += 1) wake();
    expect(begun).toBe(1);
    ends.shift()?.();
    await settle();
    expect(begun).toBe(2);
    ends.shift()?.();
    await settle();
    expect([begun, failed.length]).toEqual([2, 1]);
    wake();
    expect(begun).toBe(3);
  });
});
