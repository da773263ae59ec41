/**
 * When a task of Proxmox VE began, from its UPID (`UPID:node:pid:pstart:starttime:type:id:user:`, pve-common
 * `PVE::Tools::upid_decode`), as ISO 8601 UTC; `undefined` for what is none.
 */
export function upidBegan(upid: string): string | undefined {
  const [, seconds] = /^UPID:[^:]{1,64}:[0-9A-F]{8,9}:[0-9A-F]{8,9}:([0-9A-F]{8}):/i.exec(upid) ?? [];
  return seconds === undefined
    ? undefined
    : new Date(Number.parseInt(seconds, 16) * 1000).toISOString().replace('.000Z', 'Z');
}
