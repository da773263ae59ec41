import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { initWith, layOutStack } from '../../../src/appliers/terraform/folder.ts';

function root(): string {
  const made = mkdtempSync(join(tmpdir(), 'gitmend-stack-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return join(made, 'terraform');
}

it('a stack lies where its relative paths mean the same, for its owner alone', async () => {
  const at = root();
  const paths = await layOutStack({ root: at, stack: 'guests', config: { a: 1 }, ca: 'THE CA\n' });
  expect(paths.folder).toBe(join(at, 'cdktf.out', 'stacks', 'guests'));
  expect(JSON.parse(readFileSync(join(paths.folder, 'cdk.tf.json'), 'utf8'))).toEqual({ a: 1 });
  expect(readFileSync(paths.certificates, 'utf8')).toMatch(/(^|\n)THE CA\n$/);
  expect([at, paths.folder, paths.cliConfig].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700, 0o600]);
});

it('providers come from the mirror that is named and from nowhere else, else from the registry', async () => {
  const at = root();
  const read = async (mirror?: string) =>
    readFileSync((await layOutStack({ root: at, stack: 'a', config: {}, mirror })).cliConfig, 'utf8');
  expect(await read('/a "b"')).toBe(
    'disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = "/a \\"b\\""\n  }\n}\n',
  );
  expect(await read()).toBe('disable_checkpoint = true\nprovider_installation {\n  direct {}\n}\n');
});

it('each set of providers is initialized with its own checksums, and with none where it is new', async () => {
  const paths = await layOutStack({ root: root(), stack: 'guests', config: {} });
  const lock = join(paths.folder, '.terraform.lock.hcl');
  const seen: (string | undefined)[] = [];
  const init = (then: string) => () => {
    seen.push(existsSync(lock) ? readFileSync(lock, 'utf8') : undefined);
    writeFileSync(lock, then);
    return Promise.resolve();
  };
  await initWith(paths, 'sha256:one', init('one'));
  await initWith(paths, 'sha256:two', init('two'));
  await initWith(paths, 'sha256:one', init('one, and more'));
  await initWith(paths, 'sha256:one', init('one'));
  expect(seen).toEqual([undefined, undefined, 'one', 'one, and more']);
  const failed = initWith(paths, 'sha256:two', () => Promise.reject(new Error('no such version')));
  await expect(failed).rejects.toThrow('no such version');
  expect(readFileSync(lock, 'utf8')).toBe('two');
});

it.each(['../x', '', 'a/b', '.hidden', '-flag'])('a stack called %j is no folder', async (stack) => {
  await expect(layOutStack({ root: root(), stack, config: {} })).rejects.toMatchObject({ code: 'INTERNAL' });
});
