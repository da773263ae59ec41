import { die, refuseParameters } from '../errors.ts';
import type { Call, Permission, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { choice, flag, guestParameters, integer, nodeParameter, required, text } from '../parameters.ts';
import { demand, may } from '../permissions.ts';
import { startTask } from '../tasks.ts';
import type { Storage } from '../world.ts';
import { guestVolumes } from '../volumes.ts';

const storeParameters = { ...nodeParameter, storage: required(text()) };
const read: Permission = {
  path: '/storage/{storage}',
  privileges: ['Datastore.Audit', 'Datastore.AllocateSpace'],
  any: true,
};
const reachOut: Permission = {
  or: [
    { path: '/', privileges: ['Sys.Audit', 'Sys.Modify'] },
    { path: '/nodes/{node}', privileges: ['Sys.AccessNetwork'] },
  ],
};
const template: Permission = { path: '/storage/{storage}', privileges: ['Datastore.AllocateTemplate'] };
const far = { url: required(text({ pattern: /^https?:\/\/.*/ })), 'verify-certificates': flag() };
const download = {
  ...storeParameters,
  ...far,
  checksum: text(),
  'checksum-algorithm': choice('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'),
  compression: text(),
  content: required(choice('iso', 'vztmpl', 'import')),
  filename: required(text({ maxLength: 255 })),
};
const volume = { ...nodeParameter, storage: text(), volume: required(text()), delay: integer(1, 30) };
const listing = { ...storeParameters, content: text(), vmid: { ...guestParameters.vmid, optional: true } };

/** What a storage holds (pve-storage `PVE::API2::Storage::Content`, `::Status`), and what a node fetches from elsewhere. */
export const contentRoutes: Route[] = [
  route('GET', '/nodes/{node}/storage/{storage}/content', read, listing as Route['parameters'], list),
  route('DELETE', '/nodes/{node}/storage/{storage}/content/{volume}', 'all', volume, remove),
  route('POST', '/nodes/{node}/storage/{storage}/download-url', { and: [template, reachOut] }, download, fetchFile),
  route('GET', '/nodes/{node}/query-url-metadata', reachOut, { ...nodeParameter, ...far }, metadata),
];

// Files, then the guests' volumes; of backups and volumes only those that one may change (`check_volume_access`).
function list({ lab, token, values }: Call): unknown {
  const store = storeOf(lab.world.storages, String(values.storage));
  const all = may(token, `/storage/${store.name}`, 'Datastore.Allocate');
  const files = [...store.files].map(([path, { size, ctime, verification }]) => {
    const [content = ''] = path.split('/');
    const checked = verification === undefined ? {} : { verification: { state: verification, upid: '' } };
    return {
      volid: `${store.name}:${path}`,
      content,
      format: formatOf(path),
      size,
      ctime,
      ...ownerOf(path),
      ...checked,
    };
  });
  const backUp = may(token, `/storage/${store.name}`, 'Datastore.AllocateSpace');
  const shown = files.filter(
    ({ vmid }) => all || vmid === undefined || (backUp && may(token, `/vms/${vmid}`, 'VM.Backup')),
  );
  const volumes = [...lab.world.guests.values()]
    .filter(({ vmid }) => all || may(token, `/vms/${vmid}`, 'VM.Config.Disk'))
    .flatMap((guest) => guestVolumes(guest, store.name))
    .map(({ volid, vmid, size, content }) => ({ volid, vmid, size, content, format: 'raw' }));
  return [...shown, ...volumes]
    .filter(({ content }) => values.content === undefined || content === values.content)
    .filter(({ vmid }) => values.vmid === undefined || vmid === values.vmid);
}

// Of a backup the guest that it is of (pve-storage `parse_volname`).
function ownerOf(path: string): { vmid?: number; subtype?: string } {
  const [, subtype, vmid] = /^backup\/vzdump-(lxc|qemu)-(\d+)-/.exec(path) ?? [];
  return subtype === undefined ? {} : { subtype, vmid: Number(vmid) };
}

// `tzst` for `.tar.zst`, as templates are listed (pve-storage `PVE::Storage::Plugin::get_subdir_files`).
function formatOf(path: string): string {
  const [, packed] = /\.tar\.(\w+)$/.exec(path) ?? [];
  return packed === undefined ? (/\.(\w+)$/.exec(path)?.[1] ?? 'raw') : `t${packed}`;
}

function remove({ lab, token, values, trouble }: Call): string {
  const storage = String(values.storage);
  const path = String(values.volume).replace(/^[^:]+:/, '');
  const { files } = storeOf(lab.world.storages, storage);
  const { vmid } = ownerOf(path);
  demand(token, `/storage/${storage}`, [vmid === undefined ? 'Datastore.Allocate' : 'Datastore.AllocateSpace']);
  if (vmid !== undefined) demand(token, `/vms/${vmid}`, ['VM.Backup']);
  if (!/^(iso|vztmpl|import|backup)\//.test(path)) die(`the stand-in removes files only, not '${storage}:${path}'`);
  const order = {
    node: String(values.node),
    type: 'imgdel',
    id: storage,
    user: token.id,
    failure: trouble.taskFailure,
  };
  return startTask(lab, order, () => {
    if (!files.delete(path)) die(`unlink '/var/lib/vz/template/${path}' failed: No such file or directory`);
  });
}

const extensions = {
  iso: /[^/]+\.(iso|img)$/i,
  vztmpl: /[^/]+\.tar(\.(gz|xz|zst|bz2))?$/i,
  import: /^[\w.+-]+\.(ova|qcow2|raw|vmdk)$/,
};

function fetchFile({ lab, token, values, trouble }: Call): string {
  const store = storeOf(lab.world.storages, String(values.storage));
  const content = values.content as keyof typeof extensions;
  if (!['dir', 'nfs'].includes(store.type))
    die(`can't upload to storage type '${store.type}', not a file based storage!`);
  if (!store.content.includes(content)) die(`storage '${store.name}' is not configured for content-type '${content}'`);
  // pve-storage `PVE::Storage::normalize_content_filename`
  const file = String(values.filename)
    .replace(/^.*[/\\]/, '')
    .replace(/[^a-zA-Z0-9_.-]/g, '_');
  if (!extensions[content].test(file)) refuseParameters({ filename: 'wrong file extension' });
  const order = { node: String(values.node), type: 'download', id: file, user: token.id, failure: trouble.taskFailure };
  return startTask(lab, order, () => arrive(lab, store, `${content}/${file}`, values));
}

// pve-common `PVE::Tools::download_file_from_url`: a file that is there stays, right or wrong.
function arrive(lab: Call['lab'], { files }: Storage, path: string, values: Call['values']): void {
  const { checksum, url, 'checksum-algorithm': algorithm } = values;
  const there = `/var/lib/vz/template/${path}`;
  if (files.has(path)) die(`refusing to override existing file '${there}'`);
  const found = lab.world.internet.get(String(url)) ?? die(`download failed: 404 Not Found`);
  const sum = algorithm === 'sha256' ? found.sha256 : undefined;
  if (checksum !== undefined && checksum !== sum) {
    die(`checksum mismatch: got '${sum ?? 'another'}' != expect '${String(checksum)}'`);
  }
  files.set(path, { size: found.size, ctime: Math.floor(lab.now() / 1000) });
}

// A HEAD request; the name is the last part of the path (pve-manager `PVE::API2::Nodes`, query_url_metadata).
function metadata({ lab, values }: Call): unknown {
  const url = String(values.url);
  const found = lab.world.internet.get(url) ?? die(`invalid server response: '404 Not Found'`);
  const [, filename] = /^[^?]+\/([^?/]+)(?:\?.*)?$/.exec(url) ?? [];
  return { ...(filename === undefined ? {} : { filename }), size: found.size, mimetype: found.type };
}

const storeOf = (storages: ReadonlyMap<string, Storage>, name: string): Storage =>
  storages.get(name) ?? die(`storage '${name}' does not exist`);
