import type { History, Samples } from '../../support/prometheus.ts';
import { MiB, start } from '../proxmox/stand-in.ts';

/** The moment of every test, in seconds. */
export const now = start / 1000;
export const GiB = 1024 * MiB;
const [minute, hour, day] = [60, 3600, 86_400];

/** As scraped: every 30 s over the last hour, every 5 min before. `ended`: seconds before now of the last sample. */
export function scraped(value: (at: number) => number, { days = 31, ended = 0 } = {}): Samples {
  const last = Math.floor(now / 30) * 30;
  const recent = Array.from({ length: 120 }, (_, index) => last - 30 * (119 - index));
  const first = recent[0] ?? last;
  const old = Array.from({ length: days * 288 }, (_, index) => first - 300 * (days * 288 - index));
  return [...old, ...recent].filter((at) => at <= now - ended).map((at) => [at, value(at)]);
}

/** Stays so. */
const flat = (value: number) => (): number => value;
/** A counter that rises by `perSecond`, from nought a year ago. */
const rising =
  (perSecond: number) =>
  (at: number): number =>
    (at - (now - 365 * day)) * perSecond;
/** Kills: a counter that rises by one at each of these times, before now. */
const at =
  (...before: number[]) =>
  (time: number): number =>
    before.filter((one) => time >= now - one).length;
/** A daily wave between two values, the higher at night. */
const wave =
  (low: number, high: number) =>
  (time: number): number =>
    low + ((high - low) * (1 + Math.cos((2 * Math.PI * (time - 2 * hour)) / day))) / 2;

const pve = (id: string, more = ''): string => `{id="${id}",instance="pve1.home.lan",job="pve"${more}}`;
const cadvisor = (vmid: number, more = ''): string => `{id="/lxc/${vmid}",instance="pve1:8080",job="cadvisor"${more}}`;
const node = (instance: string, more = ''): string => `{instance="${instance}",job="node"${more}}`;

/** Two clusters: `home` is watched by pve1 and its cAdvisor and the nodes inside, `away` by pve9. */
export const clusters: Record<string, readonly string[]> = {
  home: ['pve1.home.lan', 'cadvisor', 'node', 'second'],
  away: ['pve9.away.lan'],
};

/** A container with everything: the exporter of Proxmox VE twice, cAdvisor, and its namesakes in other clusters. */
const postgres: History = [
  [`pve_memory_usage_bytes${pve('lxc/200')}`, scraped(flat(1400 * MiB))],
  [`pve_memory_size_bytes${pve('lxc/200')}`, scraped((time) => (time < now - 20 * day ? 1024 : 2048) * MiB)],
  [`pve_guest_info${pve('lxc/200', ',name="postgres",node="pve1",type="lxc"')}`, scraped(flat(1))],
  [`pve_cpu_usage_ratio${pve('lxc/200')}`, scraped(wave(0.2, 0.9))],
  [`pve_cpu_usage_limit${pve('lxc/200')}`, scraped(flat(2))],
  [
    `pve_uptime_seconds${pve('lxc/200')}`,
    scraped((time) => (time < now - 5 * day ? time - (now - 40 * day) : time - (now - 5 * day) + 10)),
  ],
  [`pve_memory_usage_bytes{id="/lxc/200",instance="second:9221",job="second"}`, scraped(flat(1400 * MiB))],
  [`container_memory_working_set_bytes${cadvisor(200)}`, scraped(wave(1500 * MiB, 2000 * MiB))],
  [
    `container_memory_working_set_bytes{id="/lxc/200",instance="pve1:9999",job="second"}`,
    scraped(wave(1500 * MiB, 2000 * MiB), { days: 1 }),
  ],
  [`container_memory_usage_bytes${cadvisor(200)}`, scraped((time) => wave(1500 * MiB, 2000 * MiB)(time) + 40 * MiB)],
  [`container_memory_swap${cadvisor(200)}`, scraped(flat(300 * MiB))],
  [`container_oom_events_total${cadvisor(200)}`, scraped(at(9 * day, 3 * hour, 20 * minute + 12))],
  [`container_pressure_memory_waiting_seconds_total${cadvisor(200)}`, scraped(rising(0.31))],
  [`container_pressure_memory_stalled_seconds_total${cadvisor(200)}`, scraped(rising(0.2))],
  [`container_pressure_cpu_waiting_seconds_total${cadvisor(200)}`, scraped(rising(0.12))],
  [`container_pressure_io_waiting_seconds_total${cadvisor(200)}`, scraped(rising(0.04))],
  [`container_cpu_cfs_periods_total${cadvisor(200)}`, scraped(rising(10))],
  [`container_cpu_cfs_throttled_periods_total${cadvisor(200)}`, scraped(rising(3))],
  // What must never count: the same id in another cluster, by its label, by its exporter, and by nothing at all.
  [`container_memory_working_set_bytes{id="/lxc/200",instance="pve1:8080",cluster="away"}`, scraped(flat(9000 * MiB))],
  [`container_memory_working_set_bytes{id="/lxc/200",instance="pve9.away.lan"}`, scraped(flat(9000 * MiB))],
  [`container_memory_working_set_bytes{id="/lxc/200",instance="who:1"}`, scraped(flat(9000 * MiB))],
  [`container_oom_events_total{id="/lxc/200",instance="pve9.away.lan"}`, scraped(at(minute))],
];

/** Containers that are seen from inside, well and badly. */
const inside: History = [
  [`node_memory_MemTotal_bytes${node('192.168.1.21:9100')}`, scraped(flat(4096 * MiB))],
  [`node_memory_MemFree_bytes${node('192.168.1.21:9100')}`, scraped(flat(500 * MiB))],
  [`node_memory_Inactive_file_bytes${node('192.168.1.21:9100')}`, scraped(flat(96 * MiB))],
  [`node_vmstat_oom_kill${node('192.168.1.21:9100')}`, scraped(at(minute))],
  [`node_pressure_memory_waiting_seconds_total${node('192.168.1.21:9100')}`, scraped(rising(0.5))],
  // Without lxcfs: the host's memory.
  [`pve_memory_size_bytes${pve('lxc/202')}`, scraped(flat(4096 * MiB))],
  [`pve_memory_usage_bytes${pve('lxc/202')}`, scraped(flat(3000 * MiB))],
  [`node_memory_MemTotal_bytes${node('frigate')}`, scraped(flat(32 * GiB))],
  [`node_memory_MemFree_bytes${node('frigate')}`, scraped(flat(30 * GiB))],
  [`node_memory_Inactive_file_bytes${node('frigate')}`, scraped(flat(GiB))],
  // Another machine with a longer name.
  [`node_memory_MemTotal_bytes${node('nextcloud.example.org:9100')}`, scraped(flat(4096 * MiB))],
  // cAdvisor in the container itself: its root is the container.
  [`container_memory_working_set_bytes{id="/",instance="192.168.1.29:8080",job="node"}`, scraped(flat(700 * MiB))],
  [
    `container_memory_working_set_bytes{id="/docker/1",instance="192.168.1.29:8080",job="node"}`,
    scraped(flat(300 * MiB)),
  ],
];

const ha = 'homeassistant:9100';
/** A virtual machine, seen by its own kernel. 96 MiB are its kernel's own. */
const machine: History = [
  [`pve_memory_size_bytes${pve('qemu/203')}`, scraped(flat(4096 * MiB))],
  [`pve_memory_usage_bytes${pve('qemu/203')}`, scraped(flat(4090 * MiB))],
  [`pve_uptime_seconds${pve('qemu/203')}`, scraped((time) => time - (now - 60 * day))],
  [`node_boot_time_seconds${node(ha)}`, scraped((time) => now - (time < now - 3 * day ? 60 : 3) * day)],
  [`node_memory_MemTotal_bytes${node(ha)}`, scraped(flat(4000 * MiB))],
  [`node_memory_MemAvailable_bytes${node(ha)}`, scraped((time) => (time > now - 2 * hour ? 200 : 1000) * MiB)],
  [`node_memory_MemFree_bytes${node(ha)}`, scraped(flat(150 * MiB))],
  [`node_memory_SwapTotal_bytes${node(ha)}`, scraped(flat(1024 * MiB))],
  [`node_memory_SwapFree_bytes${node(ha)}`, scraped(flat(324 * MiB))],
  [`node_vmstat_pswpin${node(ha)}`, scraped(rising(25))],
  [`node_vmstat_oom_kill${node(ha)}`, scraped((time) => (time < now - 3 * day ? 7 : 0) + at(10 * minute)(time))],
  [`node_pressure_memory_waiting_seconds_total${node(ha)}`, scraped(rising(0.2))],
  [`node_pressure_memory_stalled_seconds_total${node(ha)}`, scraped(rising(0.08))],
  [`node_pressure_cpu_waiting_seconds_total${node(ha)}`, scraped(rising(0.3))],
  [`node_pressure_io_waiting_seconds_total${node(ha)}`, scraped(rising(0.02))],
  ...['0', '1'].flatMap((cpu): History => [
    [`node_cpu_seconds_total${node(ha, `,cpu="${cpu}",mode="steal"`)}`, scraped(rising(cpu === '0' ? 0.1 : 0.3))],
    [`node_cpu_seconds_total${node(ha, `,cpu="${cpu}",mode="iowait"`)}`, scraped(rising(0.05))],
    [`node_cpu_seconds_total${node(ha, `,cpu="${cpu}",mode="user"`)}`, scraped(rising(0.5))],
  ]),
];

/** Virtual machines whose history cannot be compared with their size, or must not be. */
const machines: History = [
  [`node_memory_MemTotal_bytes${node('alone:9100')}`, scraped(flat(2000 * MiB))],
  [`node_memory_MemAvailable_bytes${node('alone:9100')}`, scraped(flat(500 * MiB))],
  [`pve_memory_size_bytes${pve('qemu/211')}`, scraped(flat(1024 * MiB))],
  [`node_memory_MemTotal_bytes${node('twin:9100')}`, scraped(flat(8000 * MiB))],
  [`node_memory_MemAvailable_bytes${node('twin:9100')}`, scraped(flat(500 * MiB))],
];

/** What exporters do when they fail. */
const faulty: History = [
  // Gone: live for twenty minutes, the history for three days.
  [`container_memory_working_set_bytes${cadvisor(204)}`, scraped(flat(900 * MiB), { ended: 3 * day })],
  [`pve_memory_usage_bytes${pve('lxc/204')}`, scraped(flat(500 * MiB), { days: 5 })],
  [`container_oom_events_total${cadvisor(204)}`, scraped(flat(0), { ended: 20 * minute })],
  // No number, and less than nothing.
  [`container_memory_working_set_bytes${cadvisor(205)}`, scraped((time) => (time % 900 === 0 ? -5 : NaN))],
  [`container_memory_swap${cadvisor(205)}`, scraped(flat(-1))],
  [`container_pressure_memory_waiting_seconds_total${cadvisor(205)}`, scraped(flat(NaN))],
  // An id that was another guest's: its exporter calls it otherwise, and otherwise than now before ten days ago.
  [`pve_memory_usage_bytes${pve('lxc/206')}`, scraped(flat(800 * MiB))],
  [`pve_guest_info${pve('lxc/206', ',name="old"')}`, scraped(flat(1), { ended: 10 * day })],
  [`pve_guest_info${pve('lxc/206', ',name="young"')}`, scraped(flat(1), { days: 9 })],
  // The working set for three days, the `mem` of Proxmox VE for all of it.
  [`container_memory_working_set_bytes${cadvisor(208)}`, scraped(flat(1000 * MiB), { days: 3 })],
  [`pve_memory_usage_bytes${pve('lxc/208')}`, scraped(flat(600 * MiB))],
];

export const world: History = [...postgres, ...inside, ...machine, ...machines, ...faulty];
