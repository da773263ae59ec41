import prom, { type Registry } from 'prom-client';

/** Everything that `GET /metrics` shows, as prom-client has it. */
export type Registered = ReturnType<typeof register>;

/** Registers everything once; prom-client is imported here and nowhere else. */
export function register() {
  const registers: Registry[] = [new prom.Registry()];
  const [registry = new prom.Registry()] = registers;
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new prom.Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new prom.Gauge({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[]) =>
    new prom.Histogram({ name, help, buckets, registers });
  prom.collectDefaultMetrics({ register: registry });
  return {
    registry,
    build: gauge('gitmend_build_info', 'Which gitmend runs.', ['version']),
    deliveries: counter('gitmend_deliveries_total', 'Deliveries at a door, accepted or refused and why.', [
      'door',
      'result',
      'reason',
    ]),
    waiting: gauge('gitmend_store_waiting', 'What is accepted and not done yet, by box (in, out) and dead.', ['box']),
    diagnoses: counter('gitmend_diagnoses_total', 'Diagnoses by outcome and fault family.', ['outcome', 'family']),
    runs: gauge('gitmend_runs', 'Runs by outcome, counted from the records.', ['outcome']),
    open: gauge('gitmend_open', 'Open pull requests, pending merges, unapproved targets, runs being verified.', [
      'state',
    ]),
    forgeWrites: counter('gitmend_forge_writes_total', 'Writes to the forge by intent and result.', [
      'intent',
      'result',
    ]),
    forgeWaits: counter('gitmend_forge_waits_total', 'Times that the forge asked for patience and was given it.', []),
    refusedRequests: counter(
      'gitmend_refused_requests_total',
      'Requests to the page or git that were refused, by reason.',
      ['reason'],
    ),
    turnedConnections: counter(
      'gitmend_refused_connections_total',
      'Connections that were not let in: address (it holds its share) or full.',
      ['reason'],
    ),
    logins: counter('gitmend_logins_total', 'Logins, right and wrong.', ['result']),
    stateRequests: counter('gitmend_terraform_state_requests_total', 'Requests for states of Terraform, by result.', [
      'method',
      'result',
    ]),
    passes: counter('gitmend_passes_total', 'Passes of each loop by result.', ['loop', 'result']),
    acknowledged: histogram(
      'gitmend_door_seconds',
      'From the first byte of a delivery to its answer.',
      [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
    ),
    healed: histogram(
      'gitmend_heal_seconds',
      'From taking deliveries to their outcome.',
      [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
    ),
    planned: histogram('gitmend_planning_seconds', 'One planning pass.', [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30]),
  };
}
