import { describe, expect, it } from 'vitest';
import { committed, read } from './project.ts';

const files = committed();

describe('what is committed', () => {
  it('names no host of a package registry', () => {
    // Terraform writes its providers as `registry.terraform.io/…`, a name and not an address.
    const host = /https?:\/\/(?:registry|deb|proxy|files|index|static|repo1?)\.[a-z.-]+\.(?:org|com|net|io)\//;
    const text = files.filter((path) => !/\.(?:png|ico|woff2?)$/.test(path));
    expect(text.filter((path) => host.test(read(path)))).toEqual([]);
  });

  it('locks packages by their digest and not by where one machine got them', () => {
    const locks = files.filter((path) => path.endsWith('package-lock.json'));
    expect(locks).toEqual(['infra/stacks/package-lock.json', 'package-lock.json']);
    for (const path of locks) {
      const { packages } = JSON.parse(read(path)) as { packages: { [path: string]: Locked } };
      const installed = Object.entries(packages).filter(
        ([name, { link, inBundle }]) => name !== '' && link !== true && inBundle !== true,
      );
      expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
      expect(installed.filter(([, { integrity }]) => integrity === undefined).map(([name]) => name)).toEqual([]);
    }
  });

  it('pins the version of every package that it asks for', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as { [kind: string]: object };
    const versions = Object.entries({ ...dependencies, ...devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(String(version)))).toEqual([]);
  });
});

interface Locked {
  link?: boolean;
  /** Part of another package's archive, whose digest counts for it. */
  inBundle?: boolean;
  resolved?: string;
  integrity?: string;
}

describe('workflows', () => {
  const workflows = files.filter((path) => /\.(?:github|gitea)\/workflows\/[^/]+\.ya?ml$/.test(path));

  it.each(workflows)('%s pins every action by its commit', (path) => {
    const uses = [...read(path).matchAll(/^\s*(?:- )?uses:\s*(\S+)/gm)].map(([, action = '']) => action);
    expect(uses.filter((action) => !action.startsWith('./') && !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });

  it.each(workflows.filter((path) => path.startsWith('.github/')))('%s begins without any permission', (path) => {
    expect(read(path)).toMatch(/^permissions: \{\}$/m);
  });
});

describe('the two lines that a newcomer pastes', () => {
  it('are in the README, and `.ci/run` runs what they say', () => {
    expect(read('README.md')).toContain('\nnpm ci && npm run demo -- --auto\n');
    expect(read('README.md')).toContain('\nnpm ci && npm test\n');
    expect(read('.ci/run')).toMatch(/ npm ci\b/);
    expect(read('.ci/run')).toMatch(/ npm test\b/);
  });
});
