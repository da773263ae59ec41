import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import { readTreeFromDisk } from '../check/index.ts';
import { GitmendError } from '../core/errors.ts';
import { printFault } from '../core/fault.ts';
import { type Answers, beginRepository, type Begun, variables } from '../init/index.ts';
import type { CliContext } from './context.ts';

/** Asks one question; `undefined` where there is nobody to answer. */
export type Ask = ((question: string, usual: string) => Promise<string>) | undefined;

interface Flags {
  cluster: string;
  endpoint?: string;
  ca?: string;
  fingerprint?: string;
  people?: string[];
  forge: 'local' | 'gitea' | 'github';
  forgeUrl?: string;
  forgeFolder?: string;
  repository?: string;
  runner: 'builtin' | 'ci';
  githubApp?: string;
  exporters?: string[];
  prometheus?: string;
  alertmanager?: string;
  guests: boolean;
  git: boolean;
}

/** `gitmend init DIR`: an infrastructure repository of one's own, from the template and a few answers. */
export function registerInit(program: Command, context: CliContext, ask: Ask = terminal()): void {
  program
    .command('init')
    .argument('<directory>', 'where the repository shall be; absent or empty')
    .option('--cluster <name>', 'what this Proxmox VE cluster is called', 'home')
    .option('--endpoint <url>', 'its API: https://pve1.home.lan:8006')
    .option('--ca <file>', 'its root certificate: a copy of /etc/pve/pve-root-ca.pem')
    .option('--fingerprint <sha256>', 'or the SHA-256 of its certificate')
    .option('--people <account...>', 'who may approve; one alone approves their own changes')
    .addOption(new Option('--forge <kind>').choices(['local', 'gitea', 'github']).default('local'))
    .option('--forge-url <url>', 'of a Gitea or Forgejo, or of a GitHub Enterprise Server')
    .option('--github-app <id>', 'id of a GitHub App that gitmend is, in place of a token')
    .option('--forge-folder <folder>', 'of a local forge; DIRECTORY-forge unless told')
    .option('--repository <owner/name>', 'on a Gitea or GitHub')
    .addOption(
      new Option('--runner <who>', 'ci: jobs of the forge plan and apply, by the workflows of the template')
        .choices(['builtin', 'ci'])
        .default('builtin'),
    )
    .option('--exporters <label...>', 'labels instance or job of what watches the cluster')
    .option('--prometheus <url>', 'where live figures and histories are')
    .option('--alertmanager <url>', 'where alerts come from')
    .option('--no-guests', `do not declare the guests of the cluster, even with ${variables.read} set`)
    .option('--no-git', 'write the files alone')
    .description('begins an infrastructure repository; questions on a terminal, flags elsewhere')
    .action(async (directory: string, flags: Flags) => {
      const place = resolve(directory);
      const answers = await answersOf(flags, ask);
      const forge = flags.forgeFolder ?? join(dirname(place), `${basename(place)}-forge`);
      const token = flags.guests ? context.env[variables.read] : undefined;
      const begun = await beginRepository({
        answers,
        directory: place,
        origin: flags.git ? originOf(answers, resolve(forge)) : undefined,
        template: await templateOf(),
        clock: context.clock,
        ...(token === undefined || token === '' ? {} : { token }),
      });
      context.print(report(directory, begun, answers, flags));
    });
}

async function answersOf(flags: Flags, ask: Ask): Promise<Answers> {
  const missing: string[] = [];
  const need = async (flag: string, given: string | undefined, question: string, usual = ''): Promise<string> => {
    const answer = given ?? (await ask?.(question, usual)) ?? '';
    if (answer.trim() === '') missing.push(flag);
    return answer.trim();
  };
  const endpoint = await need(
    '--endpoint',
    flags.endpoint,
    'Address of the Proxmox VE API',
    'https://pve1.home.lan:8006',
  );
  const known = flags.fingerprint ?? flags.ca;
  const trust = await need(
    '--ca or --fingerprint',
    known,
    'Its root certificate (a file), or the SHA-256 of its certificate',
  );
  const people = await need(
    '--people',
    flags.people?.join(' '),
    'Who may approve (forge accounts, separated by spaces)',
  );
  const forge = await forgeOf(flags, need);
  if (flags.runner === 'ci' && forge.kind === 'local')
    throw new GitmendError('USAGE', '--runner ci needs a forge that has jobs: --forge gitea or --forge github');
  if (missing.length > 0)
    throw new GitmendError('USAGE', `not answered: ${missing.join(', ')}; gitmend init --help says what they are`);
  return {
    cluster: { name: flags.cluster, endpoint, exporters: flags.exporters ?? [], ...(await trustOf(trust)) },
    runner: flags.runner,
    people: [...new Set(people.split(/[\s,]+/).filter((name) => name !== ''))],
    forge,
    ...(flags.prometheus === undefined ? {} : { prometheus: flags.prometheus }),
    ...(flags.alertmanager === undefined ? {} : { alertmanager: flags.alertmanager }),
  };
}

type Need = (flag: string, given: string | undefined, question: string, usual?: string) => Promise<string>;

async function forgeOf({ forge, forgeUrl, repository, githubApp }: Flags, need: Need): Promise<Answers['forge']> {
  if (forge === 'local') return { kind: 'local' };
  const name = await need('--repository', repository, 'The repository on it (owner/name)');
  const url = forge === 'gitea' ? await need('--forge-url', forgeUrl, 'Address of the Gitea or Forgejo') : forgeUrl;
  const app = forge === 'github' && githubApp !== undefined ? { app: githubApp } : {};
  return { kind: forge, repository: name, ...(url === undefined ? {} : { url }), ...app };
}

/** 64 hex digits are a fingerprint, anything else is a file. */
async function trustOf(text: string): Promise<{ ca: string } | { fingerprint: string }> {
  if (/^(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}$/i.test(text)) return { fingerprint: text };
  const ca = await readFile(text, 'utf8').catch((error: unknown) => {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new GitmendError('USAGE', `--ca: ${text} cannot be read (${code})`, { cause: error });
  });
  if (ca.includes('PRIVATE KEY'))
    throw new GitmendError(
      'USAGE',
      `--ca: ${text} holds a private key; only the certificate belongs into a repository`,
    );
  return { ca };
}

/** Where pushes will go. */
function originOf({ forge }: Answers, folder: string): { folder: string } | { url: string } {
  if (forge.kind === 'local') return { folder };
  const base = (forge.url ?? 'https://github.com').replace(/\/+$/, '');
  return { url: `${base}/${forge.repository}.git` };
}

/** What gitmend itself brings: infra/ and policies/ beside src/. */
async function templateOf() {
  const root = join(import.meta.dirname, '..', '..');
  return Promise.resolve({
    infra: readTreeFromDisk(join(root, 'infra')),
    policies: readTreeFromDisk(join(root, 'policies')),
  });
}

function report(
  directory: string,
  { files, guests, leftOut, warnings }: Begun,
  answers: Answers,
  flags: Flags,
): string {
  const declared = guests.length === 0 ? 'no guests yet' : `${guests.length} guests as they are now`;
  const approve = answers.people.length === 1 ? 'approves alone' : 'approve; critical guests need two of them';
  return [
    `wrote ${directory}: ${files} files, ${declared}; ${answers.people.join(', ')} ${approve}`,
    ...leftOut.map(({ guest, why }) => `left out ${guest}: ${why}`),
    ...(guests.some(({ undeclared }) => undeclared.length > 0)
      ? [
          'gitmend import --dry-run lists the settings that files do not say; gitmend and Terraform leave them as they are',
        ]
      : []),
    ...warnings.map((fault) => `warning: ${printFault(fault)}`),
    `next: ${nextOf(directory, guests.length, answers, flags)}`,
  ].join('\n');
}

function nextOf(directory: string, guests: number, { forge, runner }: Answers, { git }: Flags): string {
  const push = git && forge.kind !== 'local' ? ' && git push -u origin main' : '';
  const first = guests === 0 ? `declare a guest in ${directory}/guests/, then ` : '';
  const jobs =
    runner === 'ci' ? 'set the secrets of docs/ci.md before the first push, which starts the first job; then ' : '';
  return `${first}${jobs}cd ${directory}${push} && ${git && forge.kind === 'local' ? 'gitmend forge protect && ' : ''}gitmend doctor`;
}

/** Questions are for people at a terminal; a script gets an error that names the flags. */
function terminal(): Ask {
  if (!process.stdin.isTTY) return undefined;
  return async (question, usual) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await lines.question(`${question}${usual === '' ? '' : ` [${usual}]`}: `);
    lines.close();
    return answer.trim() === '' ? usual : answer;
  };
}
