import type { ClusterConfig } from '../core/config.ts';
import type { Signal } from '../core/signal.ts';

/** The cluster that a signal is from, or why that cannot be said. */
export type FoundCluster = { found: true; cluster: string } | { found: false; rule: string; message: string };

/**
 * From the `cluster` label, or from the exporter (`instance`, `job`) that the configuration assigns to a cluster. The
 * two must not contradict each other; with neither, only a single configured cluster is unambiguous. A `cluster`
 * label that names no configured cluster is never explained away.
 */
export function clusterOf(signal: Pick<Signal, 'labels'>, clusters: readonly ClusterConfig[]): FoundCluster {
  const label = labelOf(signal, 'cluster');
  const watched = clusters.filter((cluster) => isWatchedBy(cluster, signal)).map(({ name }) => name);
  if (label !== undefined && !clusters.some(({ name }) => name === label)) {
    return notFound(
      'cluster-unknown',
      `the label cluster="${label}" names no configured cluster (${namesOf(clusters)})`,
    );
  }
  if (label !== undefined && (watched.length === 0 || watched.includes(label))) return { found: true, cluster: label };
  if (label !== undefined) {
    const message = `the label says ${label}, gitmend.yaml assigns the exporter to ${watched.join(', ')}`;
    return notFound('cluster-ambiguous', message);
  }
  const candidates = watched.length > 0 ? watched : clusters.map(({ name }) => name);
  const [only] = candidates;
  if (only === undefined) return notFound('cluster-unknown', 'no cluster is configured');
  if (candidates.length === 1) return { found: true, cluster: only };
  const message = `neither a cluster label nor an exporter assigned in gitmend.yaml says which of ${candidates.join(', ')} is meant`;
  return notFound('cluster-ambiguous', message);
}

/** A label's value; an empty one is the same as none, as in Prometheus. */
export function labelOf(signal: Pick<Signal, 'labels'>, name: string): string | undefined {
  const value = Object.hasOwn(signal.labels, name) ? signal.labels[name] : undefined;
  return value === '' ? undefined : value;
}

function isWatchedBy(cluster: ClusterConfig, signal: Pick<Signal, 'labels'>): boolean {
  return ['instance', 'job'].some((name) => {
    const value = labelOf(signal, name);
    return value !== undefined && cluster.exporters.includes(value);
  });
}

function namesOf(clusters: readonly ClusterConfig[]): string {
  return clusters.map(({ name }) => name).join(', ');
}

function notFound(rule: string, message: string): FoundCluster {
  return { found: false, rule, message };
}
