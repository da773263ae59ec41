import { z } from 'zod';
import { listGuests, proxmoxClient, type ProxmoxClient, readVersion } from '../clients/proxmox/index.ts';
import type { ClusterConfig, Config } from '../core/config.ts';
import type { Tree } from '../core/change-set.ts';
import { type DeclaredGuest, isCalled } from '../core/declared-guest.ts';
import { readGuests } from '../declarations/guest/index.ts';
import { about, attempt, type Finding } from './finding.ts';
import { atLeast } from './machine.ts';
import type { Patient } from './patient.ts';
import { examinePrivileges } from './privileges.ts';

/** Every cluster: reached, trusted, new enough, known to it, allowed enough and not too much, and of the same time. */
export async function examineClusters(patient: Patient, config: Config, tree: Tree): Promise<Finding[]> {
  const { guests } = readGuests(tree, config);
  const found = await Promise.all(
    config.clusters.map((cluster) =>
      attempt(thing(cluster), () =>
        examineCluster(
          patient,
          cluster,
          tree,
          guests.filter((guest) => guest.cluster === cluster.name),
        ),
      ),
    ),
  );
  return found.flat();
}

const thing = ({ name }: ClusterConfig): string => `cluster ${name}`;

async function examineCluster(
  patient: Patient,
  cluster: ClusterConfig,
  tree: Tree,
  declared: readonly DeclaredGuest[],
): Promise<Finding[]> {
  const { ok, warn, fault } = about(thing(cluster));
  const reference = patient.role === 'read' ? cluster.read : cluster.write;
  if (reference === undefined)
    return [fault(`gitmend.yaml names no ${patient.role} credential`, `write \`${patient.role}: env:NAME\``)];
  const token = patient.env[reference.env];
  // The missing variable was said already; there is nothing to try without it.
  if (token === undefined || token.trim() === '') return [];
  const ca = cluster.ca === undefined ? undefined : tree.get(cluster.ca);
  if (cluster.ca !== undefined && ca === undefined)
    return [fault(`${cluster.ca} is not in this repository`, 'copy /etc/pve/pve-root-ca.pem of a node there')];
  const client = clientOf(patient, cluster, token, ca);
  // The first answer proves address, certificate and token at once; without it nothing else can be tried.
  const { version } = await readVersion(client);
  const reached = ok(`${cluster.endpoint} answers, is trusted, and knows the ${patient.role} token`);
  const rest = await Promise.all([
    attempt(thing(cluster), () => examineTime(patient, client)),
    attempt(thing(cluster), () => examineGuests(client, declared)),
    attempt(thing(cluster), () => examinePrivileges(client, patient.role, declared)),
  ]);
  const old = atLeast(version, [9, 0])
    ? ok(`Proxmox VE ${version}`)
    : atLeast(version, [8, 0])
      ? warn(`Proxmox VE ${version} shows no pressure`, 'upgrade to 9, or give Prometheus cAdvisor on the nodes')
      : fault(`Proxmox VE ${version} is too old`, 'upgrade to 8 at least');
  return [reached, old, ...rest.flat()];
}

function clientOf(patient: Patient, cluster: ClusterConfig, token: string, ca: string | undefined): ProxmoxClient {
  return proxmoxClient({
    cluster: cluster.name,
    endpoint: cluster.endpoint,
    token,
    clock: patient.clock,
    timeout: 10_000,
    ...(cluster.fingerprint === undefined ? {} : { fingerprint: cluster.fingerprint }),
    ...(ca === undefined ? {} : { ca }),
  });
}

const nodes = z.array(z.object({ node: z.string().regex(/^[A-Za-z0-9-]{1,63}$/), status: z.string().optional() }));
const time = z.object({ time: z.number() });

/** Evidence from more than a minute ahead is not believed, and older than five minutes not used. */
async function examineTime({ clock }: Patient, client: ProxmoxClient): Promise<Finding[]> {
  const { ok, warn, fault } = about(`cluster ${client.cluster}`);
  const listed = client.read(nodes, '/nodes', await client.api.nodes.$get());
  const online = listed.filter(({ status }) => status !== 'offline').map(({ node }) => node);
  return Promise.all(
    online.map(async (node) => {
      const answer: unknown = await client.api.nodes.$(node).time.$get();
      const seconds = client.read(time, `/nodes/${node}/time`, answer).time - clock.now() / 1000;
      const off = `the clock of ${node} is ${Math.round(Math.abs(seconds))} s ${seconds > 0 ? 'ahead of' : 'behind'} this one`;
      const mend = 'let both follow a time server (chrony)';
      if (Math.abs(seconds) > 60) return fault(off, mend);
      return Math.abs(seconds) > 10 ? warn(off, mend) : ok(`the clock of ${node} agrees with this one`);
    }),
  );
}

/** Whether what is declared is there, under its name; the cluster does not say the name of one whose node is silent. */
async function examineGuests(client: ProxmoxClient, declared: readonly DeclaredGuest[]): Promise<Finding[]> {
  const { ok, warn } = about(`cluster ${client.cluster}`);
  const live = await listGuests(client);
  const wrong = declared.flatMap((guest) => {
    const there = live.find(({ vmid, type }) => vmid === guest.vmid && type === guest.type);
    if (there === undefined) return [`${guest.type}/${guest.vmid} (${guest.file}) is not there`];
    return isCalled(guest.name, there.name) || there.status === 'unknown'
      ? []
      : [`${guest.type}/${guest.vmid} is called ${there.name}, not ${guest.name}`];
  });
  if (wrong.length === 0) return [ok(`all ${declared.length} declared guests are there`)];
  const words = wrong.slice(0, 5).join(', ') + (wrong.length > 5 ? ` and ${wrong.length - 5} more` : '');
  return [warn(words, 'compare guests/ with the cluster, or check that the token may see them (VM.Audit)')];
}
