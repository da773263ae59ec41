import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GitmendError } from '../../core/errors.ts';

/** Where a stack is planned and applied: private, and kept between runs, because a local state may lie in it. */
export interface StackFolder {
  /** Where terraform runs; cdktn's own depth, so that relative paths of a backend mean the same. */
  folder: string;
  /** TF_DATA_DIR: providers and the backend's own notes. */
  data: string;
  cliConfig: string;
  certificates: string;
  planFile: string;
}

export interface Laying {
  /** Below gitmend's own state folder. */
  root: string;
  stack: string;
  /** Who works in it, where several share one state: each has a folder of its own. */
  use?: string;
  /** The synthesized stack. */
  config: unknown;
  /** Folder with providers (`filesystem_mirror`); without one they come from the registry. */
  mirror?: string | undefined;
  /** PEM of who signs the endpoint's certificate. */
  ca?: string | undefined;
}

/** Writes what Terraform needs of a stack, for its owner alone. */
export async function layOutStack({ root, stack, use = 'stacks', config, mirror, ca }: Laying): Promise<StackFolder> {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(stack)) {
    throw new GitmendError('INTERNAL', 'the name of a stack is no plain word, so it cannot be a folder');
  }
  const folder = join(root, 'cdktf.out', use, stack);
  const own = join(root, 'own', use, stack);
  for (const one of [root, folder, own]) await mkdir(one, { recursive: true, mode: 0o700 });
  await chmod(root, 0o700);
  const paths: StackFolder = {
    folder,
    data: join(own, 'data'),
    cliConfig: join(own, 'cli.tfrc'),
    certificates: join(own, 'certificates.pem'),
    planFile: join(own, 'reviewed.tfplan'),
  };
  // Terraform quotes the line that it stumbles over: one line each, and not the whole stack in one.
  await put(join(folder, 'cdk.tf.json'), JSON.stringify(config, null, 1));
  await put(paths.cliConfig, printCliConfig(mirror));
  await put(paths.certificates, `${await systemCertificates()}${ca ?? ''}`);
  return paths;
}

/**
 * Initializes a folder with the checksums that were noted for exactly these providers (`.terraform.lock.hcl`), and notes
 * them where they are new. Each set of providers has notes of its own: those of another version would keep Terraform from
 * this one, so a plan of a pull request that names another version would lock everybody else out. `providers`: a digest.
 */
export async function initWith(
  { folder, data }: Pick<StackFolder, 'folder' | 'data'>,
  providers: string,
  init: () => Promise<unknown>,
): Promise<void> {
  const lock = join(folder, '.terraform.lock.hcl');
  const noted = join(dirname(data), `${providers.replace(/\W/g, '-')}.lock.hcl`);
  await rm(lock, { force: true });
  await copyThere(noted, lock);
  await init();
  await copyThere(lock, noted);
}

async function copyThere(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (error) {
    // Nothing was noted yet, or there is nothing to note: a stack without providers.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Terraform's own settings: nothing of the user's may decide where a provider comes from. */
export function printCliConfig(mirror: string | undefined): string {
  const from =
    mirror === undefined ? '  direct {}' : `  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }`;
  return `disable_checkpoint = true\nprovider_installation {\n${from}\n}\n`;
}

// Where Go looks for them (crypto/x509, root_linux.go); SSL_CERT_FILE takes the place of all.
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The machine's own CAs, because a backend or the registry may need them. None is no error: the given CA is enough. */
async function systemCertificates(): Promise<string> {
  for (const path of bundles) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return text.endsWith('\n') ? text : `${text}\n`;
  }
  return '';
}

async function put(path: string, text: string): Promise<void> {
  const fresh = `${path}.${process.pid}`;
  await rm(fresh, { force: true });
  await writeFile(fresh, text, { mode: 0o600, flag: 'wx' });
  await rename(fresh, path);
}
