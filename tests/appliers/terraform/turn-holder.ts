// `node turn-holder.ts FILE`: takes the turn, says so, and keeps it until it is killed.
import { inTurn } from '../../../src/appliers/terraform/turn.ts';

await inTurn(process.argv[2] ?? '', 0, async () => {
  process.stdout.write('has it\n');
  await new Promise((done) => setTimeout(done, 120_000));
});
