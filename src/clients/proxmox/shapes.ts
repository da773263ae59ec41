import { z } from 'zod';

/** A number, also where PVE's Perl makes a string of it (an LXC's pressure, a VM's memory). Empty text is none. */
export const numeric = z.union([
  z.number(),
  z
    .string()
    .trim()
    .regex(/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/)
    .transform(Number),
]);

/** PVE's booleans are 0 and 1, now and then as text. */
export const flag = z
  .union([z.boolean(), numeric, z.literal('')])
  .transform((value) => value !== '' && value !== false && value !== 0);

/** A number that may be missing, null (rrd) or something else entirely, which is then as good as missing. */
export const maybeNumber = z
  .unknown()
  .transform((value) => numeric.safeParse(value).data)
  .optional();

const text = z.union([z.string(), z.number().transform(String)]);

/** One guest of `GET /cluster/resources?type=vm`. Templates are among them. */
export const resource = z.object({
  type: z.string(),
  vmid: numeric.optional(),
  node: z.string().optional(),
  name: text.optional(),
  status: z.string().optional(),
  template: flag.optional(),
  tags: text.nullish(),
  maxmem: maybeNumber,
  lock: z.string().optional(),
});
export const resources = z.array(resource);

const pressure = {
  pressurecpusome: maybeNumber,
  pressurecpufull: maybeNumber,
  pressureiosome: maybeNumber,
  pressureiofull: maybeNumber,
  pressurememorysome: maybeNumber,
  pressurememoryfull: maybeNumber,
};

/** `GET …/status/current` of a container or a VM: what is not there is left out, never zero. */
export const statusCurrent = z.object({
  status: z.string(),
  /** VM only: `running`, `paused`, `prelaunch` … */
  qmpstatus: z.string().optional(),
  name: text.optional(),
  uptime: maybeNumber,
  lock: z.string().optional(),
  template: flag.optional(),
  tags: text.nullish(),
  cpu: maybeNumber,
  cpus: maybeNumber,
  mem: maybeNumber,
  maxmem: maybeNumber,
  swap: maybeNumber,
  maxswap: maybeNumber,
  disk: maybeNumber,
  maxdisk: maybeNumber,
  /** VM only, with the balloon's statistics. */
  balloon: maybeNumber,
  freemem: maybeNumber,
  memhost: maybeNumber,
  ballooninfo: z.record(z.string(), maybeNumber).optional().catch(undefined),
  ha: z.object({ managed: flag.optional() }).optional().catch(undefined),
  ...pressure,
});

/** `GET /nodes/{node}/status`. `available` is missing before PVE 9. */
export const nodeStatus = z.object({
  memory: z.object({ total: numeric, used: maybeNumber, free: maybeNumber, available: maybeNumber }),
  cpuinfo: z.object({ cpus: numeric }),
  pveversion: z.string().optional(),
  uptime: maybeNumber,
});

/** `GET …/config?current=1`. A VM's memory can be a property string (`current=2048`). */
export const guestConfig = z.object({
  digest: z.string().min(1),
  cores: numeric.optional(),
  memory: z
    .union([
      numeric,
      z
        .string()
        .regex(/^current=\d+/)
        .transform((value) => Number(/\d+/.exec(value)?.[0])),
    ])
    .optional(),
  swap: numeric.optional(),
  sockets: maybeNumber,
  vcpus: maybeNumber,
  cpulimit: maybeNumber,
  lock: z.string().optional(),
  hotplug: text.optional(),
  numa: flag.optional(),
  name: text.optional(),
  hostname: text.optional(),
  tags: text.nullish(),
  template: flag.optional(),
  protection: flag.optional(),
  rootfs: z.string().optional(),
  boot: z.string().optional(),
  bootdisk: z.string().optional(),
});
/** The same object as it came, for the disks, whose keys have numbers. */
export const anyConfig = z.record(z.string(), z.unknown());

/** `GET …/pending`: one entry a key; `pending` is the value that waits, `delete` 1 or 2 one that will go. */
export const pendingList = z.array(
  z.object({
    key: z.string(),
    value: z.unknown().optional(),
    pending: z.unknown().optional(),
    delete: maybeNumber,
  }),
);

export const version = z.object({ version: text, release: text.optional(), repoid: text.optional() });

/** One point of `rrddata`: `time` and whatever figures there are; null where nothing was measured. */
export const rrdPoints = z.array(z.object({ time: numeric }).catchall(maybeNumber));

/** `GET /nodes/{node}/tasks/{upid}/status` */
/** What a call that begins a task answers. */
export const upid = z.string().startsWith('UPID:').max(500);

export const taskStatus = z.object({ status: z.string(), exitstatus: z.string().optional() });
/** `GET /nodes/{node}/tasks/{upid}/log` */
export const taskLog = z.array(z.object({ n: numeric, t: z.string().catch('') }));

/** `database;critical`, also with commas or spaces. */
export function tagsOf(tags: string | null | undefined): string[] {
  return (tags ?? '').split(/[;, ]+/).filter((tag) => tag !== '');
}

/** `GET /access/permissions`: `{ "/vms/200": { "VM.Audit": 1 } }`; a path without any privilege is left out. */
export const permissions = z.record(z.string(), z.record(z.string(), z.unknown()));

const ipAddresses = z.array(z.object({ 'ip-address': z.string().optional() })).optional();

/** `GET …/lxc/V/interfaces`; null where the container does not run. */
export const containerInterfaces = z
  .array(
    z.object({
      hwaddr: z.string().catch(''),
      inet: z.string().optional(),
      inet6: z.string().optional(),
      'ip-addresses': ipAddresses,
    }),
  )
  .nullish();

/** `GET …/qemu/V/agent/network-get-interfaces`: what the agent says, as QEMU's own command does. */
export const agentInterfaces = z.object({
  result: z.array(z.object({ 'hardware-address': z.string().optional(), 'ip-addresses': ipAddresses })),
});
