import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { World } from './index.ts';
import {
  cpuShort,
  falseAlarm,
  homeLab,
  homeTokens,
  leaking,
  memoryShort,
  noHeadroom,
  notHealed,
  startPve,
} from './index.ts';

// Runs the simulator from the terminal, for clients that are not part of this project:
//   node simulators/pve/main.ts [--port 8006] [--scenario memory]
// Prints one JSON line (endpoint, CA file, fingerprint, tokens) once it answers, and runs until it is ended.

const scenarios: Record<string, (world: World, now: number) => World> = {
  well: (world) => world,
  memory: memoryShort,
  'false-alarm': falseAlarm,
  'no-headroom': noHeadroom,
  'not-healed': (world, now) => notHealed(world, now, { oldCapSafe: false }),
  leak: leaking,
  cpu: cpuShort,
};

const { values } = parseArgs({ options: { port: { type: 'string' }, scenario: { type: 'string' } } });
const scenario = scenarios[values.scenario ?? 'memory'];
if (!scenario) {
  console.error(`no scenario ${values.scenario ?? ''}; there are ${Object.keys(scenarios).join(', ')}`);
  process.exit(2);
}

const now = Date.now();
const pve = await startPve({ world: scenario(homeLab(now), now), port: Number(values.port ?? 0) });
const folder = mkdtempSync(join(tmpdir(), 'pve-simulator-'));
const ca = join(folder, 'ca.pem');
writeFileSync(ca, pve.caPem);
console.log(JSON.stringify({ endpoint: pve.endpoint, ca, fingerprint: pve.fingerprint, tokens: homeTokens }));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(folder, { recursive: true });
    void pve.close();
  });
}
