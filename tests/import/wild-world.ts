import { GiB, type Guest, type World } from '../../simulators/pve/index.ts';

type Config = { [key: string]: string | number };

/** One guest with what real clusters have and a guest's file cannot say. Values that look like secrets are made up. */
interface Wild {
  vmid: number;
  type: 'lxc' | 'qemu';
  config: Config;
  stopped?: true;
  lease?: string;
}

/** Not to be found in anything that gitmend writes or prints. */
export const hidden = ['Tr0ub4dor', 'correct-horse', 'AAAAC3NzaC1lZDI1NTE5AAAAI'] as const;

const containers: Wild[] = [
  {
    vmid: 110,
    type: 'lxc',
    config: {
      ...{
        hostname: 'media',
        description: `admin password: ${hidden[0]}\n`,
        onboot: 0,
        protection: 1,
        unprivileged: 0,
      },
      ...{
        cmode: 'console',
        tty: 3,
        cpulimit: 1,
        cpuunits: 50,
        startup: 'order=2,up=30',
        features: 'nesting=1,keyctl=1',
      },
      ...{ nameserver: '192.168.1.53', searchdomain: 'home.lan', timezone: 'host', ostype: 'ubuntu' },
      net0: 'name=eth0,bridge=vmbr0,firewall=1,hwaddr=BC:24:11:00:01:10,ip=192.168.1.110/24,gw=192.168.1.1,mtu=1400,rate=5,tag=30,type=veth',
      net1: 'name=eth1,bridge=vmbr1,hwaddr=BC:24:11:00:01:11,ip=10.0.0.110/24,type=veth',
      mp0: 'local-lvm:vm-110-disk-1,mp=/srv,size=100G,backup=1',
      mp1: '/tank/media,mp=/media,ro=1',
      dev0: '/dev/dri/renderD128,gid=104',
      tags: 'media;Home-Lab',
    },
  },
  {
    vmid: 111,
    type: 'lxc',
    stopped: true,
    config: { hostname: 'spare', onboot: 0, net0: 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:01:12,ip=dhcp,type=veth' },
  },
  {
    vmid: 112,
    type: 'lxc',
    lease: '192.168.1.190/24',
    config: {
      ...{
        hostname: 'dhcp',
        features: 'nesting=1',
        rootfs: 'local-lvm:vm-112-disk-0,acl=1,mountoptions=noatime,size=8G',
      },
      net0: 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:01:13,ip=dhcp,ip6=auto,type=veth',
    },
  },
];

const machines: Wild[] = [
  {
    vmid: 150,
    type: 'qemu',
    config: {
      ...{ name: 'Windows.home.lan', description: `rdp correct-horse`, onboot: 0, protection: 1, sockets: 2, numa: 1 },
      ...{
        cpu: 'host,flags=+aes',
        cpuunits: 200,
        cpulimit: '1.5',
        affinity: '0-3',
        balloon: 0,
        bios: 'ovmf',
        machine: 'pc-q35-9.0',
      },
      ...{
        ostype: 'win11',
        vga: 'qxl,memory=64',
        startup: 'order=3',
        hotplug: 'network,disk',
        tablet: 0,
        scsihw: 'virtio-scsi-pci',
      },
      efidisk0: 'local-lvm:vm-150-disk-1,efitype=4m,pre-enrolled-keys=1,size=4M',
      tpmstate0: 'local-lvm:vm-150-disk-2,size=4M,version=v2.0',
      virtio0: 'local-lvm:vm-150-disk-0,cache=writeback,discard=on,iothread=1,size=64G',
      ide2: 'none,media=cdrom',
      boot: 'order=virtio0;ide2',
      net0: 'e1000=BC:24:11:00:01:50,bridge=vmbr0,firewall=1,tag=30',
      usb0: 'host=1234:5678',
      serial0: 'socket',
      rng0: 'source=/dev/urandom',
      hostpci0: '0000:01:00.0,pcie=1',
      args: '-cpu host,kvm=off',
    },
  },
  {
    vmid: 151,
    type: 'qemu',
    stopped: true,
    config: {
      ...{
        name: 'cloud',
        ciuser: 'admin',
        cipassword: hidden[1],
        sshkeys: `ssh-ed25519%20${hidden[2]}%20me%40home`,
        citype: 'nocloud',
      },
      ...{
        ide2: 'local-lvm:vm-151-cloudinit,media=cdrom',
        ipconfig0: 'ip=192.168.1.151/24,gw=192.168.1.1',
        nameserver: '192.168.1.53',
      },
      scsi0: 'local-lvm:vm-151-disk-0,discard=on,iothread=1,size=20G,ssd=1',
      scsi1: 'local-lvm:vm-151-disk-1,backup=0,size=200G',
      scsihw: 'virtio-scsi-single',
      boot: 'order=scsi0;net0',
      net0: 'virtio=BC:24:11:00:01:51,bridge=vmbr0',
      net1: 'virtio=BC:24:11:00:01:52,bridge=vmbr1',
    },
  },
  {
    vmid: 152,
    type: 'qemu',
    config: {
      name: 'agent',
      agent: 'enabled=1,fstrim_cloned_disks=1',
      balloon: 1024,
      shares: 500,
      scsi0: 'local-lvm:vm-152-disk-0,size=16G',
      boot: 'order=scsi0',
      net0: 'virtio=BC:24:11:00:01:53,bridge=vmbr0',
    },
  },
];

/** The home lab, and beside it guests as real clusters have them. */
export function wildWorld(world: World, now: number): World {
  for (const one of [...containers, ...machines]) world.guests.set(one.vmid, guestOf(one, now));
  return world;
}

function guestOf({ vmid, type, config, stopped, lease }: Wild, now: number): Guest {
  const usual: Config =
    type === 'lxc'
      ? {
          arch: 'amd64',
          cores: 2,
          memory: 1024,
          swap: 512,
          ostype: 'debian',
          rootfs: `local-lvm:vm-${vmid}-disk-0,size=8G`,
          unprivileged: 1,
          onboot: 1,
        }
      : { cores: 2, memory: '2048', ostype: 'l26', onboot: 1, sockets: 1 };
  return {
    ...{ vmid, type, node: 'pve1', status: stopped ? 'stopped' : 'running', config: { ...usual, ...config } },
    ...{ pending: {}, pendingDelete: [], snapshots: new Map(), startedAt: now - 86_400_000, sizes: [], historyDays: 1 },
    load: { anon: 200 * 2 ** 20, shared: 0, cache: 0, cpu: 0.1, io: 0 },
    ...(lease === undefined ? {} : { lease }),
    diskSize: 8 * GiB,
    diskUsed: GiB,
    ...(type === 'qemu' && !stopped
      ? { agent: { addresses: [{ name: 'eth0', mac: 'bc:24:11:00:01:53', address: '192.168.1.152/24' }] } }
      : {}),
  };
}
