import type { PrometheusClient } from '../../clients/prometheus/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { EvidenceRequest } from '../../core/evidence-request.ts';
import type { Evidence, FactName, Facts } from '../../core/fact.ts';
import { problemOf } from '../gather.ts';
import type { EvidenceSource } from '../source.ts';
import { cpuNow } from './cpu.ts';
import { given } from './facts.ts';
import { type ClusterOf, gap, type Question } from './guest.ts';
import { historiesOf } from './history.ts';
import { type Kills, killsOf } from './kills.ts';
import { memoryNow } from './now.ts';
import { restartsOf } from './restarts.ts';

export type { ClusterOf } from './guest.ts';

/**
 * Facts from Prometheus, by the exporters that people run: prometheus-pve-exporter and cAdvisor on the host, which know
 * a guest by its id, and node_exporter or cAdvisor inside it, which are known by the guest's declared name or address
 * in `instance`. `clusterOf` says by the labels which cluster a series is from.
 */
export function prometheusEvidence(client: PrometheusClient, clusterOf: ClusterOf, clock: Clock): EvidenceSource {
  return {
    name: 'prometheus',
    gives: given,
    gather: (request) => gather({ request, client, clusterOf, now: clock.now() / 1000, gaps: [] }),
  };
}

async function gather(question: Question): Promise<Evidence> {
  const { request, gaps } = question;
  const part = async (asked: RegExp, read: () => Promise<Facts>): Promise<Facts> =>
    request.facts.some((name) => asked.test(name)) ? attempt(question, read) : {};
  const kills = once(() => killsOf(question));
  const parts = await Promise.all([
    part(/^guest\.(memory\.(workingSet|available|cache)|swap|psi\.memory\.\w+\.)/, () => memoryNow(question)),
    part(/^guest\.(cpu\.(throttled|iowait|steal)$|psi\.(cpu|io)\.\w+\.)/, () => cpuNow(question)),
    part(/^guest\.oomKills/, async () => (await kills()).facts),
    part(/\.history$/, () => historiesOf(question)),
    part(/^guest\.restarts$/, async () => restartsOf(question, (await kills()).times)),
  ]);
  return { facts: asked(Object.assign({}, ...parts) as Facts, request), gaps };
}

async function attempt(question: Question, read: () => Promise<Facts>): Promise<Facts> {
  try {
    return await read();
  } catch (error) {
    gap(question, problemOf(error));
    return {};
  }
}

function once(read: () => Promise<Kills>): () => Promise<Kills> {
  let answer: Promise<Kills> | undefined;
  return () => (answer ??= read());
}

function asked(facts: Facts, request: EvidenceRequest): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => request.facts.includes(name as FactName)));
}
