import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GitmendError } from '../../src/core/errors.ts';
import { isTerraformError } from '../../src/deliver/terraform.ts';
import { modulesDiffer } from '../../src/synth/modules.ts';
import { synthesizeUntrusted } from '../../src/synth/index.ts';
import { input, root, template, templateWith } from './examples.ts';
import { temporaryFolder } from '../support/loopback.ts';

const lockOf = (packages: object) =>
  templateWith({
    'stacks/package-lock.json': JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages } }),
  });

/** A node_modules folder with these packages. */
function modules(versions: { [path: string]: string }): string {
  const folder = temporaryFolder('modules');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, version] of Object.entries(versions)) {
    const file = join(folder, path, 'package.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ version }));
  }
  return folder;
}

describe('the modules of stack code', () => {
  it('that gitmend brings are those of the lock file that the template brings', async () => {
    expect(template.has('stacks/package-lock.json')).toBe(true);
    expect(await modulesDiffer(template, join(root, 'node_modules'))).toEqual([]);
  });

  it('are not compared where there is no lock file', async () => {
    expect(await modulesDiffer(templateWith({ 'stacks/package-lock.json': undefined }), modules({}))).toEqual([]);
  });

  it('are named one by one where a version is another, or a package is missing', async () => {
    const folder = modules({ cdktn: '0.23.0', yaml: '2.9.1' });
    const packages = {
      'node_modules/cdktn': { version: '0.24.0' },
      'node_modules/cdktn/node_modules/semver': { version: '7.8.5', inBundle: true },
      'node_modules/constructs': { version: '10.7.2' },
      'node_modules/yaml': { version: '2.9.1' },
    };
    expect(await modulesDiffer(lockOf(packages), folder)).toEqual([
      `cdktn 0.24.0: 0.23.0 lies in ${folder}`,
      `constructs 10.7.2: nothing lies in ${folder}`,
    ]);
  });

  it('may lack what an install may leave out, but not have it otherwise', async () => {
    const packages = {
      'node_modules/typescript': { version: '6.0.3', dev: true },
      'node_modules/fsevents': { version: '2.3.3', optional: true },
    };
    expect(await modulesDiffer(lockOf(packages), modules({}))).toEqual([]);
    const folder = modules({ fsevents: '2.3.2' });
    expect(await modulesDiffer(lockOf(packages), folder)).toEqual([`fsevents 2.3.3: 2.3.2 lies in ${folder}`]);
  });

  it('lie where Node looks for them: inside who asks, or lifted above', async () => {
    const packages = { 'node_modules/@cdk/a/node_modules/b': { version: '1.0.0' } };
    expect(await modulesDiffer(lockOf(packages), modules({ b: '1.0.0' }))).toEqual([]);
    expect(await modulesDiffer(lockOf(packages), modules({ '@cdk/a/node_modules/b': '1.0.0', b: '2.0.0' }))).toEqual(
      [],
    );
    const folder = modules({ '@cdk/a/node_modules/b': '2.0.0', b: '1.0.0' });
    expect(await modulesDiffer(lockOf(packages), folder)).toEqual([`b 1.0.0: 2.0.0 lies in ${folder}`]);
  });

  it('are nothing that a path in the lock file could lead to', async () => {
    const folder = modules({ 'a/node_modules': '1.0.0' });
    const packages = { 'node_modules/../../a': { version: '1.0.0' }, 'node_modules/local': { link: true } };
    expect(await modulesDiffer(lockOf(packages), folder)).toEqual([
      `../../a 1.0.0: nothing lies in ${folder}`,
      'node_modules/local is a link to a folder, which no other machine has',
    ]);
  });

  it('of a lock file that cannot be read differ', async () => {
    const broken = templateWith({ 'stacks/package-lock.json': '{"lockfileVersion":1,"dependencies":{}}' });
    expect(await modulesDiffer(broken, modules({}))).toEqual([expect.stringContaining('is no lock file of npm')]);
  });

  it('that differ keep code of a pull request from being run at all', async () => {
    const code = lockOf({ 'node_modules/cdktn': { version: '0.1.0' } });
    expect(await synthesizeUntrusted(input({ code }))).toEqual({
      ok: false,
      code: 'STACK_MODULES_DIFFER',
      message: expect.stringContaining('cdktn 0.1.0: 0.24.0 lies in'),
    });
    // So it refuses that pull request by name, and ends no planning pass.
    expect(isTerraformError(new GitmendError('STACK_MODULES_DIFFER', ''))).toBe(true);
  });
});
