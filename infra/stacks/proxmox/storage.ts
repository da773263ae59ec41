import type { TerraformResourceLifecycle } from 'cdktn';
import type { Construct } from 'constructs';
import { ProxmoxResource } from './resource.ts';

type Checksum =
  | { checksum: string; checksum_algorithm: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' }
  | { checksum?: never; checksum_algorithm?: never };

/**
 * A container template, an ISO or a disk image that the node downloads by itself. Import id:
 * `node/storage:content_type/file`. Everything but `overwrite*`, `verify` and `upload_timeout` replaces the file.
 */
export type DownloadedFileAttributes = Checksum & {
  node_name: string;
  datastore_id: string;
  content_type: 'vztmpl' | 'iso' | 'import';
  url: string;
  /** The last part of the URL unless told. */
  file_name?: string;
  /** Only of an ISO. */
  decompression_algorithm?: 'gz' | 'lzo' | 'zst' | 'bz2';
  /** The provider's own choice is true: each plan then asks the URL for its size, and another one replaces the file. */
  overwrite?: boolean;
  /** Takes the place of a file of that name that Terraform does not know. */
  overwrite_unmanaged?: boolean;
  /** Of the server's certificate; true unless told. */
  verify?: boolean;
  /** Seconds; 600 unless told. */
  upload_timeout?: number;
};

export class DownloadedFile extends ProxmoxResource<DownloadedFileAttributes> {
  constructor(scope: Construct, id: string, attributes: DownloadedFileAttributes, lifecycle?: TerraformResourceLifecycle) {
    super(scope, id, 'proxmox_download_file', attributes, lifecycle);
  }

  /** `local:vztmpl/debian-13….tar.zst`, for what is made from it in the same stack. */
  get volume(): string {
    return this.getStringAttribute('id');
  }
}

/** What a job backs up: exactly one of the three. `vmid` are texts, as the provider wants them. */
type Selection = { all: true; vmid?: never; pool?: never } | { vmid: string[]; all?: never; pool?: never } | { pool: string; all?: never; vmid?: never };

/** Import id: `id`. */
export type BackupJobAttributes = Selection & {
  id: string;
  /** A systemd calendar event: `sun 01:00`, `02:30`, `mon..fri 22:00`. */
  schedule: string;
  storage: string;
  enabled?: boolean;
  /** Only guests of this node. */
  node?: string;
  mode?: 'snapshot' | 'suspend' | 'stop';
  compress?: '0' | '1' | 'gzip' | 'lzo' | 'zstd';
  /** Numbers as text; `keep-all` is `'1'`, and then alone. */
  prune_backups?: { [keep in 'keep-all' | 'keep-last' | 'keep-hourly' | 'keep-daily' | 'keep-weekly' | 'keep-monthly' | 'keep-yearly']?: string };
  notes_template?: string;
  /** Its backups are never pruned. */
  protected?: boolean;
  /** A job that was due while the node was off runs at the next start. */
  repeat_missed?: boolean;
  /** Keeps what a slow storage would hold up on a fast one meanwhile. */
  fleecing?: { enabled: boolean; storage?: string };
  /** KiB/s. */
  bwlimit?: number;
  mailto?: string[];
  mailnotification?: 'always' | 'failure';
};

export class BackupJob extends ProxmoxResource<BackupJobAttributes> {
  constructor(scope: Construct, id: string, attributes: BackupJobAttributes, lifecycle?: TerraformResourceLifecycle) {
    super(scope, id, 'proxmox_backup_job', attributes, lifecycle);
  }
}
