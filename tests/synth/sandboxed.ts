// `node sandboxed.ts MECHANISM MAIN`: one synthesis in a process of its own, which a test kills or runs as another account.
import { type Mechanism, synthesizeUntrusted } from '../../src/synth/index.ts';
import { input } from './examples.ts';

const [mechanism, main = ''] = process.argv.slice(2);
const code = new Map([['stacks/main.ts', main]]);
const result = await synthesizeUntrusted({ ...input({ code, data: new Map() }), mechanism: mechanism as Mechanism });
process.stdout.write(JSON.stringify(result));
