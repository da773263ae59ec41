import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listen, type Listening, temporaryFolder } from './loopback.ts';
import { needs } from './needs.ts';

/** Whether this machine has Debian's `prometheus-alertmanager`. */
export const hasAlertmanager = (): boolean => needs('prometheus-alertmanager');

/** A real Alertmanager on loopback with this configuration (YAML), alone and without a memory. */
export function startAlertmanager(configuration: string): Promise<Listening> {
  const folder = temporaryFolder('alertmanager');
  writeFileSync(join(folder, 'alertmanager.yml'), configuration);
  return listen(
    'prometheus-alertmanager',
    [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--cluster.listen-address=',
    ],
    folder,
    '/-/ready',
  );
}

/** An alert as Prometheus posts it. `endsAt` in the past resolves it. */
export interface Posted {
  labels: { [label: string]: string };
  annotations?: { [name: string]: string };
  startsAt?: string;
  endsAt?: string;
  generatorURL?: string;
}

/** What Prometheus does: `POST /api/v2/alerts`. */
export async function postAlerts(url: string, alerts: readonly Posted[]): Promise<void> {
  const answer = await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alerts),
  });
  if (!answer.ok) throw new Error(`Alertmanager answered ${answer.status}: ${await answer.text()}`);
}
