import { join } from 'node:path';
import { App } from 'cdktn';
import { readGuests } from './guests.ts';
import { GuestsStack } from './guests-stack.ts';

// `node stacks/main.ts` in the repository's root writes cdktf.out/stacks/guests/cdk.tf.json.
const app = new App({ outdir: 'cdktf.out' });
new GuestsStack(app, 'guests', readGuests(join(import.meta.dirname, '..', 'guests')));
app.synth();
