import {
  type Matcher,
  type PrometheusClient,
  type PrometheusSeries,
  selector,
} from '../../clients/prometheus/index.ts';
import type { EvidenceRequest } from '../../core/evidence-request.ts';
import type { EvidenceGap } from '../../core/fact.ts';
import { type View, viewsOf } from './views.ts';

/** The cluster that a series is from by its labels, or why that cannot be said. */
export type ClusterOf = (
  labels: PrometheusSeries['labels'],
) => { found: true; cluster: string } | { found: false; message: string };

/** One question about one guest: everything that is asked of Prometheus goes through it. */
export interface Question {
  request: EvidenceRequest;
  client: PrometheusClient;
  clusterOf: ClusterOf;
  /** Seconds since the epoch. */
  now: number;
  /** Filled while it is asked: what was left out, and why. */
  gaps: EvidenceGap[];
}

/** Raw samples of the last `range` (`5m`) of these metrics, one view for each exporter, of this guest's cluster only. */
export async function samples(
  question: Question,
  metrics: readonly string[],
  where: { readonly [label: string]: Matcher },
  range: string,
  at = question.now,
): Promise<View[]> {
  const expression = `${selector({ __name__: { oneOf: metrics }, ...where })}[${range}]`;
  const { series, warnings } = await question.client.query(expression, at);
  note(question, warnings);
  return viewsOf(ofCluster(question, series));
}

/** An expression over time, one view for each exporter, of this guest's cluster only. */
export async function over(
  question: Question,
  expression: string,
  range: { days: number; step: number },
): Promise<View[]> {
  const { series, warnings } = await question.client.queryRange(expression, grid(question.now, range));
  note(question, warnings);
  return viewsOf(ofCluster(question, series));
}

/** Prometheus gives at most 11,000 points of a series at once; the step grows where they would be more. */
function grid(now: number, { days, step }: { days: number; step: number }) {
  const wide = Math.max(step, Math.ceil((days * 86_400) / 10_000 / 60) * 60);
  const end = Math.floor(now / wide) * wide;
  return { start: end - Math.floor((days * 86_400) / wide) * wide, end, step: wide };
}

/**
 * What watches the guest from its host knows it by id: `lxc/200` is the exporter of Proxmox VE, `/lxc/200` the control
 * group as cAdvisor names it.
 */
export function byId({ request: { guest } }: Question): { id: Matcher } {
  const id = `${guest.type}/${guest.vmid}`;
  return { id: { oneOf: [id, `/${id}`] } };
}

/**
 * What runs inside the guest is known by its instance: exactly the declared name or address, with or without a port.
 * `undefined` where nothing is declared. A longer name (`postgres.example.org`) may be another machine.
 */
export function byInstance({ request }: Question): { instance: Matcher } | undefined {
  const names = namesOf(request);
  if (names.length === 0) return undefined;
  return { instance: { oneOf: names, after: '(?::[0-9]{1,5})?' } };
}

/** How the guest is called by what runs in it, for a sentence: `postgres or 192.168.1.20`. */
export function called({ request }: Question): string {
  return [request.name, request.address].filter((one) => one !== undefined).join(' or ');
}

function namesOf({ name, address }: EvidenceRequest): string[] {
  const brackets = address?.includes(':') === true ? [`[${address}]`] : [];
  return [name, address, ...brackets].filter((one) => one !== undefined);
}

/** Series of another cluster are dropped, and so are those that nothing assigns to one of several. */
function ofCluster(question: Question, series: readonly PrometheusSeries[]): PrometheusSeries[] {
  const { request, clusterOf } = question;
  const judged = series.map((one) => ({ one, from: clusterOf(one.labels) }));
  const reasons = judged.flatMap(({ from }) => (from.found ? [] : [from.message]));
  for (const message of new Set(reasons)) gap(question, `a series is left out: ${line(message)}`);
  return judged.flatMap(({ one, from }) => (from.found && from.cluster === request.guest.cluster ? [one] : []));
}

function note(question: Question, warnings: readonly string[]): void {
  for (const warning of warnings) gap(question, `Prometheus warns: ${warning}`);
}

/** Says what is missing, once. */
export function gap({ client, gaps }: Question, problem: string): void {
  const source = `Prometheus ${client.origin}`;
  if (!gaps.some((known) => known.source === source && known.problem === problem)) gaps.push({ source, problem });
}

/** `prometheus container_memory_working_set_bytes{id="/lxc/200",instance="pve1:8080"}`: which series decided. */
export function sourceOf(what: string, { labels }: View): string {
  const shown = ['id', 'instance', 'job', 'cluster'].flatMap((label) =>
    labels[label] === undefined ? [] : [`${label}="${safe(labels[label])}"`],
  );
  return `prometheus ${what}{${shown.join(',')}}`;
}

// Labels are outside text, and they are printed in comments and records.
function line(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '?').slice(0, 300);
}

function safe(text: string): string {
  return text.replace(/[^A-Za-z0-9._:/[\]-]/g, '?').slice(0, 100);
}
