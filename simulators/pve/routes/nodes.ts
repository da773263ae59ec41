import { die } from '../errors.ts';
import type { Timeframe } from '../history.ts';
import { nodeHistory } from '../history.ts';
import type { Call, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { nodeStats, nodeStatus } from '../node-status.ts';
import { choice, nodeParameter, required } from '../parameters.ts';
import { may } from '../permissions.ts';
import type { Node } from '../world.ts';

const audit = { path: '/nodes/{node}', privileges: ['Sys.Audit'] };
const historyParameters = {
  ...nodeParameter,
  timeframe: required(choice('hour', 'day', 'week', 'month', 'year', 'decade')),
  cf: choice('AVERAGE', 'MAX'),
};

/** Nodes (pve-manager `PVE::API2::Nodes`). */
export const nodeRoutes: Route[] = [
  route('GET', '/nodes', 'all', {}, nodes),
  route('GET', '/nodes/{node}/status', audit, nodeParameter, (call) => nodeStatus(call.lab, nodeOf(call))),
  route('GET', '/nodes/{node}/time', audit, nodeParameter, time),
  route('GET', '/nodes/{node}/version', 'all', nodeParameter, ({ lab }) => lab.world.version),
  route('GET', '/nodes/{node}/rrddata', audit, historyParameters, history),
];

function nodes({ lab, token }: Call): unknown {
  return [...lab.world.nodes.values()].map((node) => ({
    ...nodeStats(lab, node, may(token, `/nodes/${node.name}`, 'Sys.Audit')),
    ssl_fingerprint: lab.fingerprint,
  }));
}

// Of a node whose own zone is UTC, so that both are the same.
function time({ lab }: Call): unknown {
  const seconds = Math.floor(lab.now() / 1000);
  return { time: seconds, localtime: seconds, timezone: 'UTC' };
}

function history(call: Call): unknown {
  const { timeframe, cf } = call.values;
  return nodeHistory(call.lab, nodeOf(call), String(timeframe) as Timeframe, cf === 'MAX' ? 'MAX' : 'AVERAGE');
}

const nodeOf = ({ lab, values }: Call): Node =>
  lab.world.nodes.get(String(values.node)) ?? die(`no such node '${String(values.node)}'`);
