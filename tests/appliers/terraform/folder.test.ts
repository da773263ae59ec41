import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { layOutStack } from '../../../src/appliers/terraform/folder.ts';

function root(): string {
  const made = mkdtempSync(join(tmpdir(), 'gitmend-stack-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return join(made, 'terraform');
}

it('a stack lies where its relative paths mean the same, for its owner alone', async () => {
  const at = root();
  const paths = await layOutStack({ root: at, stack: 'guests', config: { a: 1 }, ca: 'THE CA\n', lockFile: 'locked' });
  expect(paths.folder).toBe(join(at, 'cdktf.out', 'stacks', 'guests'));
  expect(JSON.parse(readFileSync(join(paths.folder, 'cdk.tf.json'), 'utf8'))).toEqual({ a: 1 });
  expect(readFileSync(join(paths.folder, '.terraform.lock.hcl'), 'utf8')).toBe('locked');
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

it.each(['../x', '', 'a/b', '.hidden', '-flag'])('a stack called %j is no folder', async (stack) => {
  await expect(layOutStack({ root: root(), stack, config: {} })).rejects.toMatchObject({ code: 'INTERNAL' });
});
