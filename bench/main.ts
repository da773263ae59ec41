import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { type Figures, printFigures, printJson } from './figures.ts';
import { printMachine, thisMachine } from './machine.ts';
import { measure } from './measurement.ts';
import { measurements } from './measurements/index.ts';
import { nodeFlags } from './process.ts';

// npm run bench [-- --only NAME] [-- --json]
// Figures of real processes on this machine. Exit 0 where everything could be measured, whatever it came to.
const { values } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string', multiple: true } } });

process.exitCode = await main(values.only ?? measurements.map(({ name }) => name), values.json === true);

async function main(names: readonly string[], json: boolean): Promise<number> {
  const wanted = measurements.filter(({ name }) => names.includes(name));
  const unknown = names.filter((name) => !measurements.some((one) => one.name === name));
  if (unknown.length > 0) {
    const known = measurements.map(({ name }) => name).join(', ');
    process.stderr.write(`there is no measurement ${unknown.join(', ')}; known: ${known}\n`);
    return 2;
  }
  const machine = await thisMachine(tmpdir());
  say(printMachine(machine));
  say(`gitmend is started as its systemd units do: node ${nodeFlags.join(' ')}, with a compile cache`);
  let all: Figures = {};
  let failures = 0;
  for (const measurement of wanted) {
    say(`\n${measurement.name}: ${measurement.about}`);
    try {
      const figures = await measure(measurement, say);
      say(printFigures(figures));
      all = { ...all, ...figures };
    } catch (error) {
      failures += 1;
      process.stderr.write(`failed: ${measurement.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  if (json) say(printJson(all, machine));
  return failures === 0 ? 0 : 1;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
