import { activeAlerts, alertmanagerVersion } from '../clients/alertmanager.ts';
import { prometheusClient, selector } from '../clients/prometheus/index.ts';
import type { Config } from '../core/config.ts';
import { about, attempt, type Finding } from './finding.ts';
import type { Patient } from './patient.ts';

/** Prometheus and Alertmanager, where gitmend.yaml names them; and what is not observed without them. */
export async function examineTelemetry(patient: Patient, config: Config): Promise<Finding[]> {
  const [prometheus, alertmanager] = await Promise.all([
    attempt('prometheus', () => examinePrometheus(patient, config)),
    attempt('alertmanager', () => examineAlertmanager(config)),
  ]);
  return [...prometheus, ...alertmanager];
}

/** One metric of each exporter that says something which Proxmox VE does not. */
const exporters = [
  ['prometheus-pve-exporter', 'pve_memory_usage_bytes', 'histories of more than a month'],
  ['cAdvisor', 'container_memory_working_set_bytes', 'working sets and OOM kills of containers'],
  ['node_exporter', 'node_memory_MemAvailable_bytes', 'what is available inside virtual machines'],
] as const;

async function examinePrometheus({ clock }: Patient, { prometheus }: Config): Promise<Finding[]> {
  const { ok, warn } = about('prometheus');
  if (prometheus === undefined) {
    const mend = 'name one in gitmend.yaml: prometheus: { url: … }';
    return [warn('none is configured: shared memory, OOM kills and the inside of virtual machines stay unseen', mend)];
  }
  const client = prometheusClient(prometheus);
  const version = await client.version();
  const seen = await Promise.all(
    exporters.map(async ([exporter, metric, gives]) => {
      const { series } = await client.query(`count(${selector({ __name__: metric })})`, clock.now() / 1000);
      const count = series[0]?.points[0]?.[1] ?? 0;
      return count > 0
        ? ok(`${exporter}: ${count} series`)
        : warn(`no ${exporter}: it would give ${gives}`, `scrape one that gives ${metric}`);
    }),
  );
  return [ok(`${client.origin} answers, version ${version}`), ...seen];
}

async function examineAlertmanager({ alertmanager }: Config): Promise<Finding[]> {
  const { ok, warn } = about('alertmanager');
  if (alertmanager === undefined) {
    const mend = 'name one in gitmend.yaml: alertmanager: { url: … }';
    return [warn('none is configured: whether an alert resolved after a fix stays unseen', mend)];
  }
  const version = await alertmanagerVersion(alertmanager.url);
  const firing = await activeAlerts(alertmanager.url);
  return [ok(`${new URL(alertmanager.url).origin} answers, version ${version}; ${firing.length} alerts fire`)];
}
