import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '../../src/core/change-set.ts';
import { root, template, templateWith } from '../synth/examples.ts';

/** The code block of docs/terraform.md that shows how the other constructs are used. */
export function documented(): string {
  const page = readFileSync(join(root, 'docs', 'terraform.md'), 'utf8');
  const [, code] = /^```ts\n(\/\/ stacks\/home-stack\.ts\n.*?)^```/ms.exec(page) ?? [];
  if (code === undefined) throw new Error('docs/terraform.md has no stacks/home-stack.ts any more');
  return code;
}

/** The template with that stack beside its own, as the page says to put it in. */
export function withHomeStack(changes: { [path: string]: string | undefined } = {}): Tree {
  const main = template.get('stacks/main.ts') ?? '';
  return templateWith({
    'stacks/home-stack.ts': documented(),
    'stacks/main.ts': `import { HomeStack } from './home-stack.ts';\n${main.replace('app.synth()', "new HomeStack(app, 'home');\napp.synth()")}`,
    ...changes,
  });
}
